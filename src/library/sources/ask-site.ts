import * as v from 'valibot';
import { type SaidValue, said } from '../../core/errors';
import type { Network } from '../download/download-file';
import { readReply, TryLater } from '../download/reply';
import { LibraryError, mayNeedKey } from '../trouble';

type Asking = Pick<Network, 'fetch' | 'authorize' | 'clock' | 'online'>;

interface Answer<T> {
  value: T;
  /** The address of the list's next page. */
  next?: string;
}

/**
 * Asks a site's API, with the person's key only where it does not answer without.
 * @param what is being asked for, for sentences
 * @throws LibraryError with what stands in the way, `wrong-content` where the answer is not of the expected form
 */
export async function askSite<T>(
  url: string,
  what: SaidValue,
  schema: v.GenericSchema<unknown, T>,
  { fetch, authorize, clock, online }: Asking,
  signal?: AbortSignal,
): Promise<Answer<T>> {
  const asked = { path: what, host: new URL(url).host };
  const ask = async (address: string, headers: Readonly<Record<string, string>>) => {
    const response = await fetch(address, { headers, credentials: 'omit', signal }).catch((cause) => {
      signal?.throwIfAborted();
      const message = online()
        ? said`${asked.host} cannot be reached. Check the connection and try again.`
        : said`This device is offline, and ${asked.host} cannot be asked. Models that are here already open all the same.`;
      throw new LibraryError('unreachable', message, { cause });
    });
    readReply(response, 0, asked, clock.now());
    return response;
  };
  const withKey = authorize(url);
  try {
    const response = await ask(url, {}).catch((thrown) => {
      if (!withKey || !mayNeedKey(thrown)) throw thrown;
      return ask(withKey.url, withKey.headers);
    });
    const read = v.safeParse(schema, await response.json().catch(() => undefined));
    const next = /<([^>]+)>;\s*rel="next"/.exec(response.headers.get('Link') ?? '')?.[1];
    if (read.success) return { value: read.output, next };
  } catch (thrown) {
    throw thrown instanceof TryLater ? thrown.trouble : thrown;
  }
  throw new LibraryError(
    'wrong-content',
    said`${asked.host} answers for ${what} in a way that this Easel does not know. Download the file there and drop it here.`,
  );
}
