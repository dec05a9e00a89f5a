import { type ErrorCode, toEaselError } from '../../core/errors';
import { decodePicture } from './decode-picture';
import { readCanvas } from './read-canvas';
import { readSettings } from './read-settings';

const READERS = { decodePicture, readCanvas, readSettings };

/** What this worker can be asked for; each of them can be called without it. */
export type Readers = typeof READERS;
/** Of the one question that it is asked. */
export type Answer<T> = { ok: true; value: T } | { ok: false; error: { code: ErrorCode; message: string } };

const port = globalThis as unknown as {
  postMessage(answer: Answer<unknown>, transfer?: Transferable[]): void;
  onmessage(event: MessageEvent<{ reader: keyof Readers; args: never }>): void;
};

/** The memory of all bytes in an answer, which goes over to the page instead of being copied there. */
function buffersIn(value: unknown): Transferable[] {
  if (ArrayBuffer.isView(value)) return [value.buffer];
  if (value instanceof Map) return [...value.values()].flatMap(buffersIn);
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(buffersIn) : [];
}

port.onmessage = async ({ data: { reader, args } }) => {
  try {
    const value = await READERS[reader](...(args as [Blob, string]));
    port.postMessage({ ok: true, value }, buffersIn(value));
  } catch (thrown) {
    const { code, message } = toEaselError(thrown);
    port.postMessage({ ok: false, error: { code, message } });
  }
};
