import { notify } from './notices';
import type { KeyValueStorage } from './persisted';

/**
 * The page's storage of small values; where the browser refuses it (blocked site data), one that lasts as long as the
 * page, which is said.
 */
export function pageStorage(page: { readonly localStorage: Storage } = window): KeyValueStorage {
  try {
    const { localStorage } = page;
    localStorage.getItem('');
    return localStorage;
  } catch {
    notify(
      'This browser keeps nothing for this page: settings and prompts last until you leave it. Allow site data to keep them.',
      undefined,
      { stays: true },
    );
    return memoryStorage();
  }
}

/** A storage that is gone with the page. */
export function memoryStorage(): KeyValueStorage {
  const kept = new Map<string, string>();
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, text) => void kept.set(key, text),
    removeItem: (key) => void kept.delete(key),
  };
}
