import { EaselError } from '../core/errors';
import type { EngineApi, EngineEvent, LoadRequest, ToPage } from './protocol';

type OnEvent = (event: EngineEvent) => void;

/** The engine as the page calls it: calls that report progress take a listener. */
export interface EngineClient extends EngineApi {
  load(request: Parameters<EngineApi['load']>[0], onEvent?: OnEvent): ReturnType<EngineApi['load']>;
  /** The given picture is copied to the engine and stays the caller's. */
  generate(
    request: Parameters<EngineApi['generate']>[0],
    given: Parameters<EngineApi['generate']>[1],
    onEvent?: OnEvent,
  ): ReturnType<EngineApi['generate']>;
  walk(request: Parameters<EngineApi['walk']>[0], onEvent?: OnEvent): ReturnType<EngineApi['walk']>;
  dispose(): void;
}

/** What the client needs of a Worker; a MessagePort has most of it, which tests use. */
export interface WorkerLike {
  postMessage(message: unknown): void;
  terminate(): void;
  onmessage: ((event: MessageEvent) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
}

interface Call {
  resolve(value: unknown): void;
  reject(error: EaselError): void;
  onEvent: OnEvent | undefined;
}

/**
 * One worker per model: WebAssembly memory never shrinks, so only ending the worker gives it all back. A new model loads in a
 * worker of its own; the one before ends when that has succeeded, and stays when it has not.
 * @param pageAddress what relative addresses of models start from: within a worker they would start from its script.
 */
export function createEngineClient(spawn: () => WorkerLike, pageAddress: string): EngineClient {
  let current = connect(spawn());
  let pristine = true;
  return {
    async load(request, onEvent) {
      const next = pristine && current.alive() ? current : connect(spawn());
      pristine = false;
      try {
        const model = await next.call('load', [absolute(request, pageAddress)], onEvent);
        if (next !== current) {
          current.end();
          current = next;
        }
        return model;
      } catch (error) {
        if (next === current) pristine = current.alive();
        else next.end();
        throw error;
      }
    },
    generate: (request, given, onEvent) => current.call('generate', [request, given], onEvent),
    walk: (request, onEvent) => current.call('walk', [request], onEvent),
    identify: (file) => current.call('identify', [file]),
    useAdapters: (files) => current.call('useAdapters', [files]),
    useVae: (file) => current.call('useVae', [file]),
    usePreviewDecoder: (file) => current.call('usePreviewDecoder', [file]),
    cancel: () => current.call('cancel', []),
    countTokens: (prompt) => current.call('countTokens', [prompt]),
    statistics: () => current.call('statistics', []),
    dispose: () => current.end(),
  };
}

function absolute(request: LoadRequest, pageAddress: string): LoadRequest {
  const from = (address: string) => new URL(address, pageAddress).href;
  const { source, vocabulary } = request;
  return {
    ...request,
    source: source.kind === 'url' ? { ...source, base: from(source.base) } : source,
    vocabulary: from(vocabulary),
  };
}

interface Connection {
  call<M extends keyof EngineApi>(
    method: M,
    args: Parameters<EngineApi[M]>,
    onEvent?: OnEvent,
  ): ReturnType<EngineApi[M]>;
  alive(): boolean;
  end(): void;
}

function connect(worker: WorkerLike): Connection {
  const calls = new Map<number, Call>();
  let lastId = 0;
  let ended: EaselError | undefined;
  const end = (error: EaselError) => {
    ended ??= error;
    worker.terminate();
    for (const { reject } of calls.values()) reject(ended);
    calls.clear();
  };
  worker.onmessage = ({ data }: MessageEvent<ToPage>) => {
    const call = calls.get(data.id);
    if (!call) return;
    if ('event' in data) {
      call.onEvent?.(data.event);
      return;
    }
    calls.delete(data.id);
    if (data.ok) call.resolve(data.value);
    else call.reject(new EaselError(data.error.code, data.error.message));
  };
  worker.onerror = (event) => {
    end(new EaselError('internal', `The engine stopped (${event.message || 'unknown reason'}). Load the model again.`));
  };
  return {
    call(method, args, onEvent) {
      type Result = Awaited<ReturnType<EngineApi[typeof method]>>;
      return new Promise<Result>((resolve, reject) => {
        if (ended) return reject(ended);
        const id = ++lastId;
        calls.set(id, { resolve: resolve as (value: unknown) => void, reject, onEvent });
        worker.postMessage({ id, method, args });
      }) as ReturnType<EngineApi[typeof method]>;
    },
    alive: () => ended === undefined,
    end: () => end(new EaselError('aborted', 'The model was replaced by another.')),
  };
}
