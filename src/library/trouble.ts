import { EaselError, type ErrorCode, type Said, type SaidValue, said } from '../core/errors';

/** Why a file could not be had or kept. The page offers a way out by it, never by a sentence's words. */
export type Trouble =
  /** No answer. It may come back by itself. */
  | 'unreachable'
  /** No answer, ever, while the device is online: the site may let no page fetch from it. The file can be dropped. */
  | 'unreachable-or-closed-to-pages'
  /** Too many requests, or the site is down for now. */
  | 'busy'
  | 'token-needed'
  | 'refused'
  | 'not-found'
  /** The file at the address is no longer the one that the download began with or that was published. */
  | 'changed'
  /** A web page, a pointer or another kind of file in the place of the one asked for. */
  | 'wrong-content'
  | 'wrong-hash'
  | 'no-room'
  /** The disk refuses to be read or written for another reason. */
  | 'disk'
  /** What was typed is no address of a model. */
  | 'bad-address';

const CODES: Readonly<Record<Trouble, ErrorCode>> = {
  unreachable: 'offline',
  'unreachable-or-closed-to-pages': 'offline',
  busy: 'offline',
  'token-needed': 'bad-request',
  refused: 'bad-request',
  'not-found': 'bad-request',
  changed: 'corrupt',
  'wrong-content': 'corrupt',
  'wrong-hash': 'corrupt',
  'no-room': 'quota',
  disk: 'no-storage',
  'bad-address': 'bad-request',
};

/** A way that a file did not come or stay; its message names the file, the site and the way out. */
export class LibraryError extends EaselError {
  constructor(
    readonly trouble: Trouble,
    said: Said,
    options?: ErrorOptions,
  ) {
    super(CODES[trouble], said, options);
  }
}

/** What passes by itself: the download waits, and goes on. */
export function passes(thrown: unknown): thrown is LibraryError {
  return thrown instanceof LibraryError && (thrown.trouble === 'unreachable' || thrown.trouble === 'busy');
}

/** Whether the site may say more to somebody it knows. */
export function mayNeedKey(thrown: unknown): boolean {
  const troubles: readonly Trouble[] = ['token-needed', 'refused', 'not-found', 'unreachable'];
  return thrown instanceof LibraryError && troubles.includes(thrown.trouble);
}

/** What a disk threw while a file was read or written. */
export function diskTrouble(what: SaidValue, cause: unknown): LibraryError {
  if (cause instanceof LibraryError) return cause;
  if ((cause as { name?: string } | undefined)?.name === 'QuotaExceededError')
    return new LibraryError(
      'no-room',
      said`There is no room left in the browser for ${what}. Remove a model or free space on the disk, then go on: what has arrived is kept.`,
      { cause },
    );
  const { message } = cause instanceof Error ? cause : { message: String(cause) };
  return new LibraryError(
    'disk',
    said`The browser could not read or write ${what} on the disk (${message}). Check that the disk is not full or read-only, then try again.`,
    { cause },
  );
}
