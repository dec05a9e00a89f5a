import { EaselError } from '../core/errors';
import type { EngineApi, EngineEvent, LoadRequest, ToPage } from './protocol';

type OnEvent = (event: EngineEvent) => void;

/** The engine as the page calls it: calls that report progress take a listener. Where the engine is gone, all are refused as `engine-stopped`. */
export interface EngineClient extends EngineApi {
  load(request: Parameters<EngineApi['load']>[0], onEvent?: OnEvent): ReturnType<EngineApi['load']>;
  /** The given picture is copied to the engine and stays the caller's. */
  generate(
    request: Parameters<EngineApi['generate']>[0],
    given: Parameters<EngineApi['generate']>[1],
    onEvent?: OnEvent,
  ): ReturnType<EngineApi['generate']>;
  walk(request: Parameters<EngineApi['walk']>[0], onEvent?: OnEvent): ReturnType<EngineApi['walk']>;
  /** As the engine's own. One that does not answer within 5 s or three steps' time, whichever is longer, is ended. */
  cancel(): Promise<void>;
  /** Ends the engine at once, whatever it does. While a model is loaded, that of before stays. */
  stop(): void;
  dispose(): void;
}

/** What the client needs of a Worker; a MessagePort has most of it, which tests use. */
export interface WorkerLike {
  postMessage(message: unknown): void;
  terminate(): void;
  onmessage: ((event: MessageEvent) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
  /** It ended without anybody here having ended it, and without an error. */
  onended?: (() => void) | null;
}

/** Timers, which tests let pass at will. */
export interface Clock {
  /** Runs something later. @returns what calls it off */
  after(ms: number, run: () => void): () => void;
}

export const realClock: Clock = {
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/** How long a cancel may go unanswered: the CPU provider keeps the engine's thread busy for a whole step, which is no hang. */
const PATIENCE_MS = 5000;
const PATIENCE_STEPS = 3;
/** Opening files may take a large model a minute without a word; from then on the page says that it waits. */
const SILENCE_MS = 60_000;

interface Call {
  resolve(value: unknown): void;
  reject(error: EaselError): void;
  onEvent: OnEvent | undefined;
}

/** What differs in tests, and who wants to know. */
interface Around {
  clock?: Clock;
  /** The engine that held the model is gone, and not because another took its place. */
  onStopped?(error: EaselError): void;
  /** Files are being opened, and for a minute nothing was heard: they are large, or lock the engine up. */
  onSilence?(): void;
}

/**
 * One worker per model: WebAssembly memory never shrinks, so only ending the worker gives it all back. A new model loads in a
 * worker of its own; the one before ends when that has succeeded, and stays when it has not.
 * @param pageAddress what relative addresses of models start from: within a worker they would start from its script.
 */
export function createEngineClient(
  spawn: () => WorkerLike,
  pageAddress: string,
  { clock = realClock, onStopped, onSilence }: Around = {},
): EngineClient {
  const open = () => {
    const opened: Connection = connect(spawn(), {
      clock,
      onStopped: (error) => opened === current && onStopped?.(error),
      onSilence: () => onSilence?.(),
    });
    return opened;
  };
  let current = open();
  let pristine = true;
  let loading: Connection | undefined;
  /** For what needs no model: the worker that is there, or else one that the next model is loaded into. */
  const anyWorker = () => {
    if (!current.alive()) [current, pristine] = [open(), true];
    return current;
  };
  return {
    async load(request, onEvent) {
      const next = pristine ? anyWorker() : open();
      [pristine, loading] = [false, next];
      try {
        const model = await next.openFiles('load', [absolute(request, pageAddress)], onEvent);
        if (next !== current) {
          current.end();
          current = next;
        }
        return model;
      } catch (error) {
        if (next === current) pristine = true;
        else next.end();
        throw error;
      } finally {
        loading = undefined;
      }
    },
    generate: (request, given, onEvent) => current.call('generate', [request, given], onEvent),
    walk: (request, onEvent) => current.call('walk', [request], onEvent),
    identify: (file) => anyWorker().call('identify', [file]),
    useAdapters: (files) => current.openFiles('useAdapters', [files]),
    useVae: (file) => current.openFiles('useVae', [file]),
    usePreviewDecoder: (file) => current.openFiles('usePreviewDecoder', [file]),
    cancel: () => current.cancel(),
    countTokens: (prompt) => current.call('countTokens', [prompt]),
    statistics: () => current.call('statistics', []),
    stop: () => (loading ?? current).stop('The engine was ended while it was busy.'),
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

type CallEngine = <M extends keyof EngineApi>(
  method: M,
  args: Parameters<EngineApi[M]>,
  onEvent?: OnEvent,
) => ReturnType<EngineApi[M]>;

interface Connection {
  call: CallEngine;
  /** A call that is watched for silence. */
  openFiles: CallEngine;
  /** The call, whose answer is not waited for in vain. */
  cancel(): Promise<void>;
  alive(): boolean;
  /** Ends the worker because another takes its place. */
  end(): void;
  /** Ends the worker for a reason, a sentence that whoever waits for it is told. */
  stop(reason: string): void;
}

function connect(worker: WorkerLike, { clock, onStopped, onSilence }: Required<Around>): Connection {
  const calls = new Map<number, Call>();
  let lastId = 0;
  let lastStepMs = 0;
  let ended: EaselError | undefined;
  const end = (error: EaselError) => {
    ended = error;
    worker.terminate();
    for (const { reject } of calls.values()) reject(error);
    calls.clear();
  };
  const stop = (reason: string) => {
    if (ended) return;
    const error = new EaselError('engine-stopped', `${reason} Load the model again.`);
    end(error);
    onStopped(error);
  };
  worker.onmessage = ({ data }: MessageEvent<ToPage>) => {
    const call = calls.get(data.id);
    if (!call) return;
    if ('event' in data) {
      if (data.event.type === 'step') lastStepMs = data.event.msPerStep;
      call.onEvent?.(data.event);
      return;
    }
    calls.delete(data.id);
    if (data.ok) call.resolve(data.value);
    else call.reject(new EaselError(data.error.code, data.error.message));
  };
  worker.onerror = ({ message }) =>
    stop(
      message
        ? `The engine stopped (${message}).`
        : 'The engine’s script could not be loaded: the connection is gone, or the host lacks files of Easel’s.',
    );
  worker.onended = () => stop('The engine ended by itself, as it does for want of memory.');
  const call: CallEngine = (method, args, onEvent) => {
    type Result = Awaited<ReturnType<EngineApi[typeof method]>>;
    return new Promise<Result>((resolve, reject) => {
      if (ended) return reject(ended);
      const id = ++lastId;
      calls.set(id, { resolve: resolve as (value: unknown) => void, reject, onEvent });
      worker.postMessage({ id, method, args });
    }) as ReturnType<EngineApi[typeof method]>;
  };
  return {
    call,
    openFiles(method, args, onEvent) {
      let callOff = clock.after(SILENCE_MS, onSilence);
      const answer = call(method, args, (event) => {
        callOff();
        callOff = clock.after(SILENCE_MS, onSilence);
        onEvent?.(event);
      });
      const settled = () => callOff();
      answer.then(settled, settled);
      return answer;
    },
    async cancel() {
      const patienceMs = Math.max(PATIENCE_MS, PATIENCE_STEPS * lastStepMs);
      const callOff = clock.after(patienceMs, () =>
        stop(`The engine did not answer to Cancel for ${Math.round(patienceMs / 1000)} s and was ended.`),
      );
      // An engine that is gone has nothing left to cancel.
      await call('cancel', []).catch(() => undefined);
      callOff();
    },
    alive: () => ended === undefined,
    end: () => end(new EaselError('aborted', 'The model was replaced by another.')),
    stop,
  };
}
