import { said } from '../../core/errors';
import type { StorageFile } from '../files/directory';
import { diskTrouble, LibraryError, mayNeedKey } from '../trouble';
import { type ByteRange, firstGap, prefixLength, totalLength, withRange } from './byte-ranges';
import { OrderedHash } from './ordered-hash';
import { type Asked, checkHead, HEAD_BYTES, type Reply, readReply, TryLater } from './reply';

/** A file to be had from an address. */
export interface RemoteFile {
  /** What it is called in the model, as `unet/config.json`. */
  path: string;
  url: string;
  /** As published; undefined where nobody says. */
  bytes?: number;
  sha256?: string;
}

/** What a download has so far: enough to go on after anything. */
export interface Progress {
  /** In order, none touching another; all of it lies on the disk. */
  done: readonly ByteRange[];
  size?: number;
  /** What the site calls the file's state. */
  version?: string;
}

export const NOTHING_YET: Progress = { done: [] };

export interface Clock {
  now(): number;
  /** @throws the signal's reason where it is aborted meanwhile */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

/** An address with a person's key for its site; undefined where there is none. */
export type Authorize = (url: string) => { url: string; headers: Readonly<Record<string, string>> } | undefined;

export interface Network {
  fetch: typeof fetch;
  clock: Clock;
  authorize: Authorize;
  /** Whether the device has a network at all. */
  online(): boolean;
}

export interface Limits {
  /** Requests at once. */
  connections: number;
  /** Of one request. */
  rangeBytes: number;
  /** After how much the progress is written down. */
  keepBytes: number;
  /** How often in a row nothing comes before the download stops trying. */
  tries: number;
  /** A connection that is silent for so long is taken for lost. */
  silentMs: number;
}

export const LIMITS: Limits = {
  connections: 4,
  rangeBytes: 64 * 2 ** 20,
  keepBytes: 16 * 2 ** 20,
  tries: 6,
  silentMs: 60_000,
};

/** Beyond this a download says that it waits, and is begun again by whoever runs it. */
const MAX_WAIT_MS = 120_000;
/** What is written at a time. */
const WRITE_BYTES = 2 ** 20;

interface Download {
  file: RemoteFile;
  target: StorageFile;
  from: Progress;
  network: Network;
  limits?: Limits;
  /** Called with what is safely on the disk, now and then. */
  keep(progress: Progress): Promise<void>;
  onBytes(loaded: number, size: number | undefined): void;
  signal: AbortSignal;
}

/**
 * Downloads a file into `target`, in parallel parts, going on from what there is.
 * @returns its hash, compared with the published one, and its size
 * @throws LibraryError with what stands in the way; what has arrived stays, but where it is not the file
 */
export async function downloadFile(download: Download): Promise<{ sha256: string; bytes: number }> {
  let from = download.from;
  // What turns out to be another file, or spoiled on the way, is fetched once more from the start; where a site sends
  // no parts, each break is a new start.
  let [others, starts] = [0, 0];
  for (;;) {
    try {
      return await new Transfer(download, from).run();
    } catch (thrown) {
      if (!isUseless(thrown)) throw thrown;
      from = NOTHING_YET;
      await download.keep(from);
      if (thrown instanceof FromTheStart) await pauseBefore(starts++, thrown, download);
      else if (thrown.trouble === 'wrong-content' || others++ > 0) throw thrown;
    }
  }
}

async function pauseBefore(start: number, reason: FromTheStart, { file, limits = LIMITS, network, signal }: Download) {
  if (start >= limits.tries) throw unreachable(file, reason);
  if (start > 0) await network.clock.wait(backOffMs(start), signal);
}

/** The site sends a file from its start only; what there is of it is of no use. */
class FromTheStart extends Error {}

/** After these, what has arrived is not the file. */
function isUseless(thrown: unknown): thrown is LibraryError | FromTheStart {
  if (thrown instanceof FromTheStart) return true;
  return thrown instanceof LibraryError && ['changed', 'wrong-hash', 'wrong-content'].includes(thrown.trouble);
}

/** After so many failures in a row. */
const backOffMs = (failures: number) => Math.min(1000 * 2 ** (failures - 1), 30_000);

const askedFor = ({ path, url }: RemoteFile): Asked => ({ path, host: new URL(url).host });

function unreachable(file: RemoteFile, cause: unknown): LibraryError {
  const { host, path } = askedFor(file);
  return new LibraryError(
    'unreachable',
    said`${host} cannot be reached for ${path}. What has arrived is kept; the download goes on when the connection is back.`,
    { cause },
  );
}

/** One run over a file, from what there is to its end. */
class Transfer {
  readonly #asked: Asked;
  readonly #limits: Limits;
  readonly #hash: OrderedHash;
  /** Ends all requests once one of them fails for good. */
  readonly #stop = new AbortController();
  #done: readonly ByteRange[];
  /** What is being fetched now. */
  #claimed: readonly ByteRange[] = [];
  #size: number | undefined;
  #version: string | undefined;
  #answered = false;
  /** The site has not answered without the person's key. */
  #usesKey = false;
  #failures = 0;
  #unkept = 0;
  #keeping: Promise<void> = Promise.resolve();
  #pausing: Promise<void> | undefined;

  constructor(
    readonly download: Download,
    from: Progress,
  ) {
    const { file, target } = download;
    this.#asked = askedFor(file);
    this.#limits = download.limits ?? LIMITS;
    this.#hash = new OrderedHash(target);
    this.#done = from.done;
    this.#size = file.bytes ?? from.size;
    this.#version = from.version;
  }

  async run(): Promise<{ sha256: string; bytes: number }> {
    const { signal } = this.download;
    signal.throwIfAborted();
    const stop = () => this.#stop.abort(signal.reason);
    signal.addEventListener('abort', stop);
    try {
      this.#tell();
      // The first answer says what the others may ask for.
      while (!this.#answered && (await this.#next()));
      await Promise.all(Array.from({ length: this.#limits.connections }, () => this.#fetchAll()));
      return await this.#finish();
    } catch (thrown) {
      this.#stop.abort(thrown);
      await this.#keeping.catch(() => undefined);
      if (!isUseless(thrown)) await this.#keep().catch(() => undefined);
      signal.throwIfAborted();
      throw thrown;
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  #isWhole(): boolean {
    return this.#size !== undefined && totalLength(this.#done) >= this.#size;
  }

  async #fetchAll(): Promise<void> {
    try {
      while (await this.#next());
    } catch (thrown) {
      this.#stop.abort(thrown);
      throw thrown;
    }
  }

  /** Fetches one missing part. @returns whether there was one */
  async #next(): Promise<boolean> {
    this.#stop.signal.throwIfAborted();
    // Where nobody has said how long the file is, its parts are asked for one after the other.
    if (this.#size === undefined && this.#claimed.length > 0) return false;
    const taken = this.#claimed.reduce<readonly ByteRange[]>(withRange, this.#done);
    const range = firstGap(taken, this.#size ?? Number.POSITIVE_INFINITY, this.#limits.rangeBytes);
    if (!range) return false;
    this.#claimed = [...this.#claimed, range];
    try {
      await this.#fetchRange(range);
    } catch (thrown) {
      this.#stop.signal.throwIfAborted();
      if (this.#canUseKey(thrown)) this.#usesKey = true;
      else if (thrown instanceof LibraryError || thrown instanceof FromTheStart) throw thrown;
      else await this.#pause(thrown);
    } finally {
      this.#claimed = this.#claimed.filter((other) => other !== range);
    }
    return true;
  }

  /** Whether a key may help: some sites' refusals cannot even be read. */
  #canUseKey(thrown: unknown): boolean {
    if (this.#usesKey || this.#answered || !this.download.network.authorize(this.download.file.url)) return false;
    return mayNeedKey(thrown) || thrown instanceof TypeError;
  }

  async #fetchRange(range: ByteRange): Promise<void> {
    const { network, file } = this.download;
    const { url, headers } = (this.#usesKey && network.authorize(file.url)) || { url: file.url, headers: {} };
    // A silent connection ends by this, and everything by #stop.
    const connection = new AbortController();
    const stop = () => connection.abort(this.#stop.signal.reason);
    this.#stop.signal.addEventListener('abort', stop);
    const watch = new Watch(network.clock, this.#limits.silentMs, connection);
    try {
      const end = range.end === Number.POSITIVE_INFINITY ? '' : range.end - 1;
      const response = await network.fetch(url, {
        headers: { ...headers, Range: `bytes=${range.start}-${end}` },
        cache: 'no-store', // a stored redirect would lead to an expired link
        credentials: 'omit',
        signal: connection.signal,
      });
      watch.alive();
      await this.#receive(response, range, watch);
    } finally {
      watch.end();
      this.#stop.signal.removeEventListener('abort', stop);
      connection.abort(); // where the body was not read to its end
    }
  }

  async #receive(response: Response, range: ByteRange, watch: Watch): Promise<void> {
    const before = totalLength(this.#done);
    if (response.status === 416 && this.#size === undefined && range.start > 0) {
      // Nobody said how long the file is, and there is no more of it.
      this.#size = range.start;
      return;
    }
    const reply = readReply(response, range.start, this.#asked, this.download.network.clock.now());
    this.#answered = true;
    this.#takeIn(reply, range.start);
    const end = reply.whole ? Number.POSITIVE_INFINITY : Math.min(range.end, this.#size ?? range.end);
    const at = await this.#write(response, range.start, end, watch).catch((thrown) => {
      if (thrown instanceof LibraryError || !reply.whole) throw thrown;
      throw new FromTheStart('The connection broke.', { cause: thrown });
    });
    if (this.#size === undefined && (reply.whole || at < end)) this.#size = at;
    if (totalLength(this.#done) > before) this.#failures = 0;
    if (reply.whole && at < (this.#size ?? 0)) throw new FromTheStart('The connection ended before the file.');
    if (at < end && !this.#isWhole()) throw new Error('The connection ended before the part.');
  }

  /** Compares what the site says with what it said before and with what is published. */
  #takeIn(reply: Reply, start: number): void {
    const { path, host } = this.#asked;
    if (reply.whole && (start > 0 || this.#done.length > 0)) throw new FromTheStart('The site sends no parts.');
    const isOther =
      (reply.size !== undefined && this.#size !== undefined && reply.size !== this.#size) ||
      (reply.version !== undefined && this.#version !== undefined && reply.version !== this.#version);
    if (isOther)
      throw new LibraryError(
        'changed',
        said`${path} at ${host} is not the file it was, or not the one that was published. Begin the download again; if it happens again, choose another source.`,
      );
    this.#size ??= reply.size;
    this.#version ??= reply.version;
  }

  /** Writes a body from a place on. @returns where it ended */
  async #write(response: Response, start: number, end: number, watch: Watch): Promise<number> {
    if (!response.body) throw new Error('The answer has no body.');
    let at = start;
    let parts: Uint8Array[] = [];
    let waiting = 0;
    const put = async () => {
      if (waiting === 0) return;
      const bytes = parts.length === 1 ? parts[0] : joined(parts, waiting);
      parts = [];
      waiting = 0;
      if (at === 0) checkHead(bytes.subarray(0, HEAD_BYTES), this.#size, this.#asked);
      await this.#put(at, bytes);
      at += bytes.length;
    };
    const reader = response.body.getReader();
    try {
      for (;;) {
        const { value } = await reader.read();
        if (!value) break;
        watch.alive();
        const fits = value.subarray(0, end - at - waiting);
        parts.push(fits);
        waiting += fits.length;
        if (waiting >= WRITE_BYTES) await put();
        if (at + waiting >= end) break;
      }
    } finally {
      // What came before a break is whole bytes of the file.
      if (!this.#stop.signal.aborted) await put();
      void reader.cancel().catch(() => undefined);
    }
    return at;
  }

  async #put(at: number, bytes: Uint8Array): Promise<void> {
    try {
      await this.download.target.write(at, bytes);
    } catch (thrown) {
      throw diskTrouble(this.#asked.path, thrown);
    }
    this.#stop.signal.throwIfAborted();
    this.#done = withRange(this.#done, { start: at, end: at + bytes.length });
    this.#hash.wrote(at, bytes);
    this.#failures = 0;
    this.#tell();
    this.#unkept += bytes.length;
    if (this.#unkept < this.#limits.keepBytes) return;
    this.#unkept = 0;
    await this.#keep();
    await this.#catchUp(prefixLength(this.#done));
  }

  /** Writes down what there is, after it is on the disk. One at a time, since each is of its moment. */
  #keep(): Promise<void> {
    this.#keeping = this.#keeping.then(async () => {
      const progress = { done: this.#done, size: this.#size, version: this.#version };
      try {
        await this.download.target.flush();
        await this.download.keep(progress);
      } catch (thrown) {
        throw diskTrouble(this.#asked.path, thrown);
      }
    });
    return this.#keeping;
  }

  async #catchUp(end: number): Promise<void> {
    try {
      await this.#hash.catchUp(end, this.#stop.signal);
    } catch (thrown) {
      this.#stop.signal.throwIfAborted();
      throw diskTrouble(this.#asked.path, thrown);
    }
  }

  /** After a request failed: waits, with all others that fail meanwhile, to let it be tried again; or gives up. */
  #pause(thrown: unknown): Promise<void> {
    this.#pausing ??= this.#waitAfter(thrown).finally(() => {
      this.#pausing = undefined;
    });
    return this.#pausing;
  }

  async #waitAfter(thrown: unknown): Promise<void> {
    const { clock } = this.download.network;
    this.#failures++;
    const waitMs = (thrown instanceof TryLater ? thrown.waitMs : undefined) ?? backOffMs(this.#failures);
    if (this.#failures >= this.#limits.tries || waitMs > MAX_WAIT_MS)
      throw thrown instanceof TryLater ? thrown.trouble : this.#unreachable(thrown);
    await clock.wait(waitMs, this.#stop.signal);
  }

  #unreachable(cause: unknown): LibraryError {
    const { network, file } = this.download;
    const { host, path } = this.#asked;
    if (this.#answered || this.#done.length > 0 || !network.online()) return unreachable(file, cause);
    return new LibraryError(
      'unreachable-or-closed-to-pages',
      said`${host} cannot be reached, or lets no web page download ${path}. Open the address in a tab of its own, download the file there and drop it here.`,
      { cause },
    );
  }

  #tell(): void {
    this.download.onBytes(totalLength(this.#done), this.#size);
  }

  async #finish(): Promise<{ sha256: string; bytes: number }> {
    const { file, target } = this.download;
    const { path, host } = this.#asked;
    const bytes = this.#size ?? 0;
    await this.#keeping;
    if (bytes === 0) throw new LibraryError('wrong-content', said`${path} at ${host} is empty. Choose another source.`);
    await target.truncate(bytes);
    await this.#keep();
    await this.#catchUp(bytes);
    const sha256 = this.#hash.digest();
    if (file.sha256 !== undefined && sha256 !== file.sha256)
      throw new LibraryError(
        'wrong-hash',
        said`${path} from ${host} is not the file that was published: its SHA-256 differs. Try again later or choose another source.`,
      );
    return { sha256, bytes };
  }
}

/** Ends a connection that is silent for too long. */
class Watch {
  readonly #clock: Clock;
  readonly #ended = new AbortController();
  #aliveAt: number;

  constructor(clock: Clock, silentMs: number, connection: AbortController) {
    this.#clock = clock;
    this.#aliveAt = clock.now();
    this.#look(silentMs, connection).catch(() => undefined); // it was ended
  }

  alive(): void {
    this.#aliveAt = this.#clock.now();
  }

  end(): void {
    this.#ended.abort();
  }

  async #look(silentMs: number, connection: AbortController): Promise<void> {
    do await this.#clock.wait(silentMs, this.#ended.signal);
    while (this.#clock.now() - this.#aliveAt < silentMs);
    connection.abort(new Error('The connection is silent.'));
  }
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
