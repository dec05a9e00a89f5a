import { expect, it } from 'vitest';
import { ensureIsolated } from './isolation';

const never = new Promise<never>(() => {});

/** A page that its host does not isolate. */
function pageWith({ ready = Promise.resolve<unknown>({}) } = {}) {
  const kept = new Map<string, string>();
  return {
    reloads: 0,
    crossOriginIsolated: false,
    isSecureContext: true,
    sessionStorage: {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
    },
    location: {
      reload() {
        page.reloads++;
      },
    },
    navigator: { serviceWorker: { ready } },
  };
}
let page: ReturnType<typeof pageWith>;

const REGISTER = async () => ({});

it('reloads once through its service worker', async () => {
  page = pageWith();
  expect(await ensureIsolated(page, REGISTER)).toBe(true);
  expect(await ensureIsolated(page, REGISTER)).toBe(false);
  expect(page.reloads).toBe(1);
});

it('goes on without isolation where the worker is refused, never starts, or site data is blocked', async () => {
  page = pageWith();
  const refused = () => Promise.reject(new TypeError('The script has an unsupported MIME type'));
  expect(await ensureIsolated(page, refused)).toBe(false);
  page = pageWith({ ready: never });
  expect(await ensureIsolated(page, REGISTER, 1)).toBe(false);
  page = pageWith();
  Object.defineProperty(page, 'sessionStorage', {
    get() {
      throw new DOMException('Access is denied for this document.', 'SecurityError');
    },
  });
  expect(await ensureIsolated(page, REGISTER)).toBe(false);
  expect(page.reloads).toBe(0);
});
