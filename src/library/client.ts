import { EaselError, said } from '../core/errors';
import type { OnBytes } from './files/model-store';
import { type LibraryApi, type LibraryMethod, readAnswer, type ToLibrary } from './protocol';
import type { SiteKeys } from './sources/site-keys';

/** The page's end of the worker. */
export interface LibraryPort {
  postMessage(message: ToLibrary): void;
  addEventListener(type: 'message', hear: (event: MessageEvent) => void): void;
  addEventListener(type: 'error', hear: (event: Event) => void): void;
}

interface Pending {
  onBytes: OnBytes;
  resolve(value: unknown): void;
  reject(error: EaselError): void;
}

/** The worker that downloads, copies and hashes, as the page has it. It is started when it is first needed. */
export class LibraryClient {
  readonly #pending = new Map<number, Pending>();
  #port: LibraryPort | undefined;
  #keys: SiteKeys = {};
  #nextId = 1;

  constructor(readonly spawn: () => LibraryPort) {}

  /** Has the worker run what is queued, from now on. */
  start(): LibraryPort {
    if (this.#port) return this.#port;
    const port = this.spawn();
    port.addEventListener('message', ({ data }) => this.#hear(data));
    port.addEventListener('error', () => this.#lose());
    port.postMessage({ kind: 'keys', keys: this.#keys });
    this.#port = port;
    return port;
  }

  /** Gives the worker the person's keys, now and whenever it is started. */
  setKeys(keys: SiteKeys): void {
    this.#keys = keys;
    this.#port?.postMessage({ kind: 'keys', keys });
  }

  /** Has the worker do something. @throws EaselError as it comes of it, `aborted` where it is called off */
  call<M extends LibraryMethod>(
    method: M,
    argument: Parameters<LibraryApi[M]>[0],
    onBytes: OnBytes = () => undefined,
    signal?: AbortSignal,
  ): Promise<ReturnType<LibraryApi[M]>> {
    signal?.throwIfAborted();
    const id = this.#nextId++;
    const port = this.start();
    const cancel = () => port.postMessage({ kind: 'cancel', id });
    signal?.addEventListener('abort', cancel);
    return new Promise<ReturnType<LibraryApi[M]>>((resolve, reject) => {
      this.#pending.set(id, { onBytes, resolve: (value) => resolve(value as ReturnType<LibraryApi[M]>), reject });
      port.postMessage({ kind: 'call', id, method, argument } as ToLibrary);
    }).finally(() => signal?.removeEventListener('abort', cancel));
  }

  #hear(data: unknown): void {
    const answer = readAnswer(data);
    const pending = answer && this.#pending.get(answer.id);
    if (!pending) return;
    if (answer.kind === 'progress') {
      pending.onBytes(answer.done, answer.bytes);
      return;
    }
    this.#pending.delete(answer.id);
    if (answer.kind === 'done') pending.resolve(answer.value);
    else pending.reject(new EaselError(answer.code, answer.said));
  }

  /** The worker could not be started or broke: another one is for the next call. */
  #lose(): void {
    this.#port = undefined;
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject } of pending)
      reject(
        new EaselError('internal', said`What looks after the models on this device has stopped. Reload the page.`),
      );
  }
}
