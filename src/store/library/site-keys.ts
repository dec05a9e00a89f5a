import * as v from 'valibot';
import { create } from 'zustand';
import { KEYED_HOSTS, type KeyedHost, type SiteKeys } from '../../library/sources/site-keys';
import { texts } from '../../texts/store';
import { type KeyValueStorage, mergedFields, persistSlot, readSlot, type Slot } from '../persistence/persisted';

/** The access tokens that a person gave for sites. They stay on this device, and each goes to its own site only. */
export const useSiteKeys = create<{ keys: SiteKeys }>(() => ({ keys: {} }));

const KEY = v.fallback(v.optional(v.string()), undefined);
const SCHEMA = v.object({
  keys: v.object({ 'huggingface.co': KEY, 'civitai.com': KEY } satisfies Record<KeyedHost, typeof KEY>),
});

/** Tokens as they lie on the disk. What is called secret is in no copy of what is stored (`backup/stored.ts`). */
const SITE_KEYS_SLOT: Slot<{ keys: SiteKeys }> = {
  key: 'easel.secret.site-keys',
  label: texts.accessTokens,
  v: 1,
  migrations: {},
  parse: (value) => v.parse(SCHEMA, value),
  merge: mergedFields,
};

/**
 * Takes up the tokens of earlier visits, keeps every change from now on, and hears of other tabs' at once: one of them
 * may be the one that downloads.
 * @returns what ends it
 */
export function persistSiteKeys(storage: KeyValueStorage, page?: EventTarget): () => void {
  const stop = persistSlot(SITE_KEYS_SLOT, useSiteKeys, storage);
  const hear = (event: Event) => {
    if ((event as StorageEvent).key !== SITE_KEYS_SLOT.key) return;
    useSiteKeys.setState(readSlot(SITE_KEYS_SLOT, storage) ?? { keys: {} });
  };
  page?.addEventListener('storage', hear);
  return () => {
    stop();
    page?.removeEventListener('storage', hear);
  };
}

export const keyOf = (host: KeyedHost) => useSiteKeys.getState().keys[host];

export function keepKey(host: KeyedHost, key: string): void {
  useSiteKeys.setState(({ keys }) => ({ keys: { ...keys, [host]: key.trim() } }));
}

export function forgetKey(host: KeyedHost): void {
  useSiteKeys.setState(({ keys }) => ({ keys: { ...keys, [host]: undefined } }));
}

/** The tokens that are kept, by their last letters, a quarter of it and four at most. */
export function shownKeys(keys: SiteKeys): readonly { host: KeyedHost; ending: string }[] {
  return KEYED_HOSTS.flatMap((host) => {
    const key = keys[host];
    return key ? [{ host, ending: key.slice(key.length - Math.min(4, Math.floor(key.length / 4))) }] : [];
  });
}
