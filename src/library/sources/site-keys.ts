import type { Authorize } from '../download/download-file';

/** The sites that give people keys, and how each is told one. */
export const KEYED_HOSTS = ['huggingface.co', 'civitai.com'] as const;
export type KeyedHost = (typeof KEYED_HOSTS)[number];

/** The keys that a person gave. */
export type SiteKeys = Partial<Record<KeyedHost, string>>;

export const isKeyedHost = (host: string): host is KeyedHost => (KEYED_HOSTS as readonly string[]).includes(host);

/**
 * Adds a person's key to an address, for the site that it is of and no other.
 * @param keyOf the key that the person gave for a host
 */
export function withKeys(keyOf: (host: KeyedHost) => string | undefined): Authorize {
  return (address) => {
    const url = new URL(address);
    const host = KEYED_HOSTS.find((keyed) => url.protocol === 'https:' && url.host === keyed);
    const key = host && keyOf(host)?.trim();
    if (!key) return undefined;
    const headers: Readonly<Record<string, string>> =
      host === 'huggingface.co' ? { Authorization: `Bearer ${key}` } : {};
    // Civitai takes it in the address, which needs no preflight; a redirect does not carry it on.
    if (host === 'civitai.com') url.searchParams.set('token', key);
    return { url: url.href, headers };
  };
}
