import { texts } from '../../texts/store';
import { useStorage } from './database';
import type { KeyValueStorage } from './persisted';

/**
 * The page's storage of small values; where the browser refuses it (blocked site data), one that lasts as long as the
 * page, which the top of the page says.
 */
export function pageStorage(page: { readonly localStorage: Storage } = window): KeyValueStorage {
  try {
    const { localStorage } = page;
    localStorage.getItem('');
    return localStorage;
  } catch {
    useStorage.setState({
      settingsTrouble: texts.settingsNotKept,
    });
    return memoryStorage();
  }
}

/** A storage that is gone with the page. */
function memoryStorage(): KeyValueStorage {
  const kept = new Map<string, string>();
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, text) => void kept.set(key, text),
    removeItem: (key) => void kept.delete(key),
  };
}
