import * as v from 'valibot';
import { EaselError, isSaid, type Said, said, spoken, toEaselError } from '../core/errors';

/**
 * What a page asks of a service worker, which may be of another version: the words of these messages stay as they are.
 * - `keep-files`: to keep all files of its version, so that the page opens without a network
 * - `take-over`: to be the one that serves, where no other page would have it under it
 */
const REQUEST = v.picklist(['keep-files', 'take-over']);

/** How that went. */
const REPLY = v.variant('kind', [
  v.object({ kind: v.literal('done') }),
  /** `said` is `why` as data, which a worker of an older version does not send. */
  v.object({ kind: v.literal('failed'), why: v.string(), said: v.optional(v.custom<Said>(isSaid)) }),
  /** Nothing was done: so many other pages of an older version are open. */
  v.object({ kind: v.literal('others-open'), count: v.number() }),
]);

/** That it failed, and with which sentence. */
export function failed(thrown: unknown): WorkerReply {
  const isFull = (thrown as { name?: string } | undefined)?.name === 'QuotaExceededError';
  const reason = isFull
    ? said`The browser has no room for it: remove a model, or free space.`
    : toEaselError(thrown).said;
  return { kind: 'failed', why: spoken(reason), said: reason };
}

export type WorkerRequest = v.InferOutput<typeof REQUEST>;
export type WorkerReply = v.InferOutput<typeof REPLY>;

/** What a message asks; undefined where it is none of these. */
export function readRequest(message: unknown): WorkerRequest | undefined {
  const read = v.safeParse(REQUEST, message);
  return read.success ? read.output : undefined;
}

/**
 * Asks a service worker, and waits for its answer: for good, where the browser ends the worker before it comes.
 * @throws EaselError `internal` where the answer is none of these
 */
export function askWorker(worker: Pick<ServiceWorker, 'postMessage'>, request: WorkerRequest): Promise<WorkerReply> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve, reject) => {
    port1.onmessage = ({ data }) => {
      port1.close();
      const read = v.safeParse(REPLY, data);
      if (read.success) resolve(read.output);
      else
        reject(
          new EaselError('internal', said`The service worker answers in words of another version. Reload the page.`),
        );
    };
    worker.postMessage(request, [port2]);
  });
}
