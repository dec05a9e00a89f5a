import * as v from 'valibot';
import { EaselError, ERROR_CODES, type ErrorCode, isSaid, type Said, said } from '../core/errors';
import { ANSWERS, EventSchema } from './answers';
import { type EngineMethod, METHODS } from './methods';
import type { EngineApi, EngineEvent, LoadRequest } from './protocol';

type OnEvent = (event: EngineEvent) => void;

/** A call as the page makes it: who listens to its progress, and the signal that ends it, come after its arguments. */
type PageCall<M extends EngineMethod> = (
  ...args: [...Parameters<EngineApi[M]>, onEvent?: OnEvent, signal?: AbortSignal]
) => ReturnType<EngineApi[M]>;

/**
 * The engine as the page calls it. Where it is gone, all calls are refused as `engine-stopped`. A given picture is
 * copied to the engine and stays the caller's.
 *
 * A signal ends its own call and no other, which is then refused as `aborted`. An engine that does not answer to that
 * within 5 s or three steps' time, whichever is longer, or does not end the call within a minute more, is ended itself:
 * nothing that was cancelled is waited for in vain.
 */
export type EngineClient = { [M in EngineMethod]: PageCall<M> } & {
  /** Ends the engine at once, whatever it does. While a model is loaded, that of before stays. */
  stop(): void;
  dispose(): void;
};

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
interface Clock {
  /** Runs something later. @returns what calls it off */
  after(ms: number, run: () => void): () => void;
}

const realClock: Clock = {
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/**
 * How long a cancel may go unanswered: the CPU provider keeps the engine's thread busy for a whole step, which is no
 * hang.
 */
const PATIENCE_MS = 5000;
const PATIENCE_STEPS = 3;
/**
 * How long a call may take to end after that: no decode and no network's start, which nothing interrupts, takes longer.
 */
const ENDING_MS = 60_000;
/** Opening files may take a large model a minute without a word; from then on the page says that it waits. */
const SILENCE_MS = 60_000;

interface Call {
  method: keyof EngineApi;
  resolve(value: unknown): void;
  reject(error: EaselError): void;
  onEvent: OnEvent | undefined;
  /** Calls off whatever watches it. */
  settled(): void;
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
 * One worker per model: WebAssembly memory never shrinks, so only ending the worker gives it all back. A new model
 * loads in a worker of its own; the one before ends when that has succeeded, and stays when it has not. On a graphics
 * card it gives its memory back meanwhile.
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
      onStopped: (error) => opened === current && !isGivenUp(opened) && onStopped?.(error),
      onSilence: () => onSilence?.(),
    });
    return opened;
  };
  let [current, pristine, onCard] = [open(), true, false];
  let loading: { worker: Connection; signal: AbortSignal | undefined } | undefined;
  /** A model that was cancelled while it loaded: that its worker had to be ended for it is no news. */
  const isGivenUp = (worker: Connection) => loading?.worker === worker && loading.signal?.aborted === true;
  /** For what needs no model: the worker that is there, or else one that the next model is loaded into. */
  const anyWorker = () => {
    if (!current.alive()) [current, pristine] = [open(), true];
    return current;
  };
  const load: PageCall<'load'> = async (request, onEvent, signal) => {
    const next = pristine ? anyWorker() : open();
    [pristine, loading] = [false, { worker: next, signal }];
    try {
      if (next !== current && onCard) await rested(current, clock);
      const model = await next.call('load', [absolute(request, pageAddress)], onEvent, signal);
      if (next !== current) {
        current.end();
        current = next;
      }
      onCard = model.device.provider === 'webgpu';
      return model;
    } catch (error) {
      if (next === current) pristine = true;
      else next.end();
      throw signal?.aborted ? new EaselError('aborted', said`Loading was cancelled.`) : error;
    } finally {
      loading = undefined;
    }
  };
  const call = <M extends EngineMethod>(method: M): PageCall<M> => {
    const { args: count, needsNoModel } = METHODS[method];
    return (...given) => {
      const worker = needsNoModel ? anyWorker() : current;
      const [onEvent, signal] = given.slice(count) as [OnEvent?, AbortSignal?];
      return worker.call(method, given.slice(0, count) as Parameters<EngineApi[M]>, onEvent, signal);
    };
  };
  const { cancel: _, ...methods } = METHODS;
  const calls = (Object.keys(methods) as EngineMethod[]).map((method) => [method, call(method)]);
  return {
    ...(Object.fromEntries(calls) as Pick<EngineClient, EngineMethod>),
    load,
    stop: () => (loading?.worker ?? current).stop(said`The engine was ended while it was busy.`),
    dispose: () => current.end(),
  };
}

/** Has a model give its card's memory back: it may not hold two. One that does not answer holds nothing up. */
async function rested({ call }: Connection, clock: Clock): Promise<void> {
  await new Promise<void>((resolve) => {
    const callOff = clock.after(PATIENCE_MS, resolve);
    const answered = () => {
      callOff();
      resolve();
    };
    call('rest', []).then(answered, answered);
  });
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
  signal?: AbortSignal,
) => ReturnType<EngineApi[M]>;

interface Connection {
  /** One that opens files is watched for silence. */
  call: CallEngine;
  alive(): boolean;
  /** Ends the worker because another takes its place. */
  end(): void;
  /** Ends the worker for a reason, a sentence that whoever waits for it is told. */
  stop(reason: Said): void;
}

function connect(worker: WorkerLike, { clock, onStopped, onSilence }: Required<Around>): Connection {
  const calls = new Map<number, Call>();
  let lastId = 0;
  let lastStepMs = 0;
  let ended: EaselError | undefined;
  const end = (error: EaselError) => {
    ended = error;
    worker.terminate();
    rejectAll(calls, error);
  };
  const stop = (reason: Said) => {
    if (ended) return;
    const error = new EaselError('engine-stopped', said`${reason} Load the model again.`);
    end(error);
    onStopped(error);
  };
  worker.onmessage = ({ data }: MessageEvent<unknown>) => {
    const event = receive(data, calls);
    if (event?.type === 'step') lastStepMs = event.msPerStep;
  };
  worker.onerror = ({ message }) => stop(message ? said`The engine stopped (${message}).` : NO_SCRIPT);
  worker.onended = () => stop(said`The engine ended by itself, as it does for want of memory.`);
  const send: CallEngine = (method, args, onEvent, signal) => {
    type Result = Awaited<ReturnType<EngineApi[typeof method]>>;
    return new Promise<Result>((resolve, reject) => {
      if (ended) return reject(ended);
      if (signal?.aborted) return reject(new EaselError('aborted', said`Cancelled.`));
      const id = ++lastId;
      const watch = new AbortController();
      signal?.addEventListener('abort', () => cancel(id, watch.signal), { signal: watch.signal });
      const settled = () => watch.abort();
      calls.set(id, { method, resolve: resolve as (value: unknown) => void, reject, onEvent, settled });
      worker.postMessage({ id, method, args });
    }) as ReturnType<EngineApi[typeof method]>;
  };
  /** Asks the worker to end a call, and ends the worker where it does not answer, or the call does not end. */
  const cancel = async (id: number, settled: AbortSignal) => {
    const giveUpAfter = (ms: number) => {
      const reason = said`The engine did not answer to Cancel for ${Math.round(ms / 1000)} s and was ended.`;
      const callOff = clock.after(ms, () => stop(reason));
      settled.addEventListener('abort', callOff);
      return callOff;
    };
    const answered = giveUpAfter(Math.max(PATIENCE_MS, PATIENCE_STEPS * lastStepMs));
    // An engine that is gone has nothing left to cancel.
    await send('cancel', [id]).catch(() => undefined);
    answered();
    if (!settled.aborted) giveUpAfter(ENDING_MS);
  };
  const openFiles = watched(send, clock, onSilence);
  return {
    call: (method, ...rest) => (METHODS[method].opensFiles ? openFiles : send)(method, ...rest),
    alive: () => ended === undefined,
    end: () => end(new EaselError('aborted', said`The model was replaced by another.`)),
    stop,
  };
}

const NO_SCRIPT = said`The engine’s script could not be loaded: the connection is gone, or the host lacks files of Easel’s.`;

function rejectAll(calls: Map<number, Call>, error: EaselError): void {
  for (const call of calls.values()) {
    call.settled();
    call.reject(error);
  }
  calls.clear();
}

/** What comes from the engine: what a call gives is read by its method (see answers.ts). */
const MessageSchema = v.union([
  v.object({ id: v.number(), event: v.unknown() }),
  v.object({ id: v.number(), ok: v.literal(true), value: v.optional(v.unknown()) }),
  v.object({
    id: v.number(),
    ok: v.literal(false),
    error: v.object({ code: v.picklist(ERROR_CODES), said: v.custom<Said>(isSaid), details: v.optional(v.string()) }),
  }),
]);

const FOREIGN = said`The engine said what this page does not understand: they are of two versions. Reload the page.`;

/** Tells whoever waits for a call what came of it. @returns the event, where the message is one of a call */
function receive(data: unknown, calls: Map<number, Call>): EngineEvent | undefined {
  if (!v.is(MessageSchema, data)) return undefined; // what the worker says of itself (see spawn.ts)
  const message = data;
  const call = calls.get(message.id);
  if (!call) return undefined;
  if ('event' in message && v.is(EventSchema, message.event)) {
    call.onEvent?.(message.event);
    return message.event;
  }
  calls.delete(message.id);
  call.settled();
  if ('event' in message) call.reject(new EaselError('internal', FOREIGN));
  else if (!message.ok) call.reject(asThrown(message.error));
  else if (v.is(ANSWERS[call.method], message.value)) call.resolve(message.value);
  else call.reject(new EaselError('internal', FOREIGN));
  return undefined;
}

const asThrown = ({ code, said, details }: { code: ErrorCode; said: Said; details?: string }) =>
  new EaselError(code, said, { details });

/** Calls that open files, watched for silence. */
function watched(send: CallEngine, clock: Clock, onSilence: () => void): CallEngine {
  return (method, args, onEvent, signal) => {
    let callOff = clock.after(SILENCE_MS, onSilence);
    const heard = (event: EngineEvent) => {
      callOff();
      callOff = clock.after(SILENCE_MS, onSilence);
      onEvent?.(event);
    };
    const answer = send(method, args, heard, signal);
    const settled = () => callOff();
    answer.then(settled, settled);
    return answer;
  };
}
