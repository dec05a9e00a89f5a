/** What this needs of the page; the engine's layer knows no DOM. */
interface Page {
  crossOriginIsolated: boolean;
  isSecureContext: boolean;
  sessionStorage: { getItem(key: string): string | null; setItem(key: string, value: string): void };
  location: { reload(): void };
  navigator: { serviceWorker?: { register(url: string): Promise<unknown>; ready: Promise<unknown> } };
}

const TRIED = 'easel.isolation-reload';

/**
 * Makes the page cross-origin isolated where its host does not: a service worker adds the headers, and the page reloads once
 * to be served through it. Resolves to true when that reload is under way.
 * @param script the service worker's address, as `register` takes it
 */
export async function ensureIsolated(page: Page, script: string): Promise<boolean> {
  const { serviceWorker } = page.navigator;
  if (page.crossOriginIsolated || !page.isSecureContext || !serviceWorker) return false;
  // Once only: a browser that stays unisolated still paints, on one thread.
  if (page.sessionStorage.getItem(TRIED)) return false;
  page.sessionStorage.setItem(TRIED, '1');
  try {
    await serviceWorker.register(script);
    await serviceWorker.ready;
  } catch {
    return false;
  }
  page.location.reload();
  return true;
}
