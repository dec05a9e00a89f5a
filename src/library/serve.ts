import { EaselError, said, toEaselError } from '../core/errors';
import { type Joined, joinFile } from './download/join-file';
import type { StorageDirectory } from './files/directory';
import { takeOver } from './files/earlier-copies';
import { hashOfFile } from './files/file-hash';
import type { ModelStore, OnBytes } from './files/model-store';
import { type FromLibrary, readCall, type ToLibrary } from './protocol';
import type { SiteKeys } from './sources/site-keys';

/** The worker's end. */
export interface ServingPort {
  postMessage(message: FromLibrary): void;
  addEventListener(type: 'message', hear: (event: MessageEvent) => void): void;
}

interface Served {
  store: Promise<ModelStore>;
  /** The folder that Easel 0.1 copied files into. */
  earlier(): Promise<StorageDirectory>;
  onKeys(keys: SiteKeys): void;
  /** The manifest has changed. */
  onChanged(): void;
}

type Call = Extract<ToLibrary, { kind: 'call' }>;

/** Answers what the page asks for. Any number of calls run side by side, each until it is done or cancelled. */
export function serveLibrary(port: ServingPort, served: Served): void {
  const running = new Map<number, AbortController>();
  const answer = async ({ id, ...call }: Call) => {
    const stop = new AbortController();
    running.set(id, stop);
    const onBytes: OnBytes = (done, bytes) => port.postMessage({ kind: 'progress', id, done, bytes });
    try {
      const value = await perform(call, await served.store, served, onBytes, stop.signal);
      port.postMessage({ kind: 'done', id, value });
    } catch (thrown) {
      const { code, said } = toEaselError(thrown);
      port.postMessage({ kind: 'failed', id, code, said });
    } finally {
      running.delete(id);
      served.onChanged();
    }
  };
  port.addEventListener('message', ({ data }) => {
    const message = readCall(data);
    switch (message?.kind) {
      case 'keys':
        return served.onKeys(message.keys);
      case 'cancel':
        return running.get(message.id)?.abort(new EaselError('aborted', said`Cancelled.`));
      case 'call':
        return void answer(message);
      case undefined:
        return;
      default:
        return message satisfies never;
    }
  });
}

async function perform(
  call: Omit<Call, 'id'>,
  store: ModelStore,
  { earlier }: Served,
  onBytes: OnBytes,
  signal: AbortSignal,
): Promise<readonly string[] | string | Joined | null> {
  const { method, argument } = call as Call;
  switch (method) {
    case 'check':
      return store.check(argument, onBytes, signal);
    case 'import':
      await store.import(argument, onBytes, signal);
      return null;
    case 'hash':
      return hashOfFile(argument.file, argument.skipsHeader, signal);
    case 'join':
      return joinFile(store, argument.name, argument.file, onBytes, signal);
    case 'takeOver':
      return takeOver(argument, await earlier(), store);
    default:
      return method satisfies never;
  }
}
