import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { StorageFile } from '../files/directory';

/** What is read back at a time: a worker that is told to stop does so within a few hundredths of a second. */
const READ_BYTES = 4 * 2 ** 20;

/**
 * The SHA-256 of a file whose parts come in any order. What comes in order is taken as it comes; the rest is read back
 * from the disk once all before it is there.
 */
export class OrderedHash {
  readonly #hash = sha256.create();
  readonly #file: StorageFile;
  #at = 0;
  #reading: Promise<void> | undefined;

  constructor(file: StorageFile) {
    this.#file = file;
  }

  /** Bytes up to this one are in the hash. */
  get at(): number {
    return this.#at;
  }

  /** Bytes that have just been written there. */
  wrote(at: number, bytes: Uint8Array): void {
    if (at !== this.#at || this.#reading) return;
    this.#hash.update(bytes);
    this.#at += bytes.length;
  }

  /** Takes in everything up to `end`, which the file must hold. */
  async catchUp(end: number, signal?: AbortSignal): Promise<void> {
    while (this.#reading) await this.#reading;
    if (this.#at >= end) return;
    this.#reading = this.#readTo(end, signal).finally(() => {
      this.#reading = undefined;
    });
    await this.#reading;
  }

  async #readTo(end: number, signal?: AbortSignal): Promise<void> {
    while (this.#at < end) {
      signal?.throwIfAborted();
      const bytes = await this.#file.read(this.#at, Math.min(READ_BYTES, end - this.#at));
      if (bytes.length === 0) throw new Error(`The file ends at byte ${this.#at} of ${end}.`);
      this.#hash.update(bytes);
      this.#at += bytes.length;
    }
  }

  /** In hex. Nothing can be added afterwards. */
  digest(): string {
    return bytesToHex(this.#hash.digest());
  }
}

/** SHA-256 of a whole file, read part by part. */
export async function sha256OfBlob(
  blob: Blob,
  onRead: (bytes: number) => void = () => undefined,
  signal?: AbortSignal,
): Promise<string> {
  const hash = sha256.create();
  for (let at = 0; at < blob.size; at += READ_BYTES) {
    signal?.throwIfAborted();
    const bytes = new Uint8Array(await blob.slice(at, at + READ_BYTES).arrayBuffer());
    hash.update(bytes);
    onRead(bytes.length);
  }
  return bytesToHex(hash.digest());
}
