import { type Said, type SaidValue, said } from '../../core/errors';
import { LibraryError } from '../trouble';

/** What a file is called in sentences, and where it is asked for; never with the query, which may hold a key. */
export interface Asked {
  path: SaidValue;
  host: SaidValue;
}

/** What a site says of the file beside its bytes. A site may let the page see none of it. */
export interface Reply {
  /** The whole file comes, whatever part was asked for. */
  whole: boolean;
  /** Where the part begins, where it is said. */
  start?: number;
  /** Of the whole file. */
  size?: number;
  /** Changes with the file. */
  version?: string;
}

/** The site asks to be left alone for a while, or has a bad moment. */
export class TryLater extends Error {
  constructor(
    readonly trouble: LibraryError,
    /** What it asks for, in milliseconds. */
    readonly waitMs?: number,
  ) {
    super(trouble.message);
  }
}

/**
 * Reads the head of an answer to a request for bytes from `start` on.
 * @throws TryLater for what may pass, LibraryError for what will not
 */
export function readReply(response: Response, start: number, asked: Asked, now: number): Reply {
  const { path, host } = asked;
  if (!response.ok) throw refusal(response, asked, now);
  if (/^text\/html/i.test(response.headers.get('Content-Type') ?? '')) {
    throw new LibraryError(
      'wrong-content',
      said`${host} sends a web page in place of ${path}, perhaps to log in. Open the address in a tab of its own, download the file there and drop it here.`,
    );
  }
  const version = versionOf(response);
  if (response.status !== 206) {
    const length = Number(response.headers.get('Content-Length') ?? Number.NaN);
    return { whole: true, start: 0, size: Number.isSafeInteger(length) && length > 0 ? length : undefined, version };
  }
  const [, from, size] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get('Content-Range') ?? '') ?? [];
  if (from !== undefined && Number(from) !== start)
    throw later('busy', said`${host} sends another part of ${path} than the one asked for.`);
  return {
    whole: false,
    start: from === undefined ? undefined : start,
    size: size === undefined || size === '*' ? undefined : Number(size),
    version,
  };
}

function versionOf({ headers }: Response): string | undefined {
  // A proxy may call the same file's tag weak.
  const tag = headers.get('ETag')?.replace(/^W\//, '');
  return tag ?? headers.get('Last-Modified') ?? undefined;
}

function refusal(response: Response, asked: Asked, now: number): Error {
  const { path, host } = asked;
  const { status } = response;
  switch (status) {
    case 401:
      return needsToken(asked);
    case 403:
      // A link that the site signed for a while: asked for anew, it signs another.
      if (response.redirected) return later('refused', said`${host}’s link to ${path} has expired.`);
      if (/gated/i.test(response.headers.get('X-Error-Code') ?? '')) return needsToken(asked);
      return new LibraryError(
        'refused',
        said`${host} refuses ${path} (HTTP 403). If its licence must be accepted or the link has expired, do that on the site or fetch a new link; or download the file there and drop it here.`,
      );
    case 404:
    case 410:
      return new LibraryError(
        'not-found',
        said`${host} has no ${path} (HTTP ${status}). Check the name; a private one needs your access token.`,
      );
    case 416:
      return new LibraryError('changed', said`${path} at ${host} is shorter than it was or empty.`);
    default:
      if (status === 408 || status === 429 || status >= 500)
        return later('busy', said`${host} has no time for ${path} now (HTTP ${status}).`, retryAfter(response, now));
      return new LibraryError('refused', said`${host} answers HTTP ${status} for ${path}. Try another source.`);
  }
}

const needsToken = ({ path, host }: Asked) =>
  new LibraryError(
    'token-needed',
    said`${host} gives ${path} only to people it knows, or it is not there under this name. Accept its licence on the site and add your access token for ${host}.`,
  );

function later(trouble: 'busy' | 'refused', message: Said, waitMs?: number): TryLater {
  return new TryLater(new LibraryError(trouble, said`${message} Try again later.`), waitMs);
}

/** Seconds or a date. */
function retryAfter({ headers }: Response, now: number): number | undefined {
  const value = headers.get('Retry-After');
  if (value === null) return undefined;
  const waitMs = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now;
  return Number.isFinite(waitMs) ? Math.max(0, waitMs) : undefined;
}

/** Enough of a file to tell what it is not. */
export const HEAD_BYTES = 512;

/**
 * Looks at a file's first bytes.
 * @param size of the whole file, where it is known
 * @throws LibraryError `wrong-content` for a web page, a Git LFS pointer, and what cannot be safetensors though it is
 * called so
 */
export function checkHead(head: Uint8Array, size: number | undefined, { path, host }: Asked): void {
  const text = new TextDecoder('latin1').decode(head.subarray(0, HEAD_BYTES)).trimStart();
  if (/^<(!doctype|html|\?xml|head|body)/i.test(text))
    throw new LibraryError(
      'wrong-content',
      said`${host} sends a web page in place of ${path}. Open the address in a tab of its own, download the file there and drop it here.`,
    );
  if (text.startsWith('version https://git-lfs.github.com/spec/'))
    throw new LibraryError(
      'wrong-content',
      said`${host} sends a Git LFS pointer in place of ${path}, not the file. Use the address of the site’s download button.`,
    );
  if (typeof path !== 'string' || !/\.safetensors$/i.test(path)) return;
  const header = head.length < 8 ? 0 : Number(new DataView(head.buffer, head.byteOffset).getBigUint64(0, true));
  if (header < 2 || header > (size ?? Number.POSITIVE_INFINITY) - 8 || head[8] !== 0x7b)
    throw new LibraryError(
      'wrong-content',
      said`What ${host} sends as ${path} is not a safetensors file. Check the address, or choose another file.`,
    );
}
