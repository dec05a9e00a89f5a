/** What this needs of the page; the engine's layer knows no DOM. */
interface Page {
  crossOriginIsolated: boolean;
  isSecureContext: boolean;
  sessionStorage: { getItem(key: string): string | null; setItem(key: string, value: string): void };
  location: { reload(): void };
  navigator: { serviceWorker?: { ready: Promise<unknown> } };
}

const TRIED = 'easel.isolation-reload';
/** A service worker that does not start is not waited for: the page paints without it, on one thread. */
const STARTS_WITHIN_MS = 10_000;

/**
 * Makes the page cross-origin isolated where its host does not: the service worker adds the headers, and the page
 * reloads once to be served through it. Resolves to true when that reload is under way.
 * @param register registers the service worker; called only where it is needed at once
 */
export async function ensureIsolated(
  page: Page,
  register: () => Promise<unknown>,
  startsWithinMs = STARTS_WITHIN_MS,
): Promise<boolean> {
  if (page.crossOriginIsolated || !page.isSecureContext) return false;
  try {
    const { serviceWorker } = page.navigator;
    // Once only: a browser that stays unisolated still paints, on one thread.
    if (!serviceWorker || page.sessionStorage.getItem(TRIED)) return false;
    page.sessionStorage.setItem(TRIED, '1');
    await register();
    const late = new Promise((resolve) => setTimeout(resolve, startsWithinMs, 'late'));
    if ((await Promise.race([serviceWorker.ready, late])) === 'late') return false;
  } catch {
    return false; // the host lacks the script, or site data is blocked
  }
  page.location.reload();
  return true;
}
