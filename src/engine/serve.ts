import { EaselError, toEaselError } from '../core/errors';
import type { Engine } from './engine';
import type { EngineApi, EngineEvent, ToEngine, ToPage } from './protocol';

/** The side of a Worker or MessagePort that both ends have. */
export interface Port {
  postMessage(message: unknown, transfer: Transferable[]): void;
  onmessage: ((event: MessageEvent) => void) | null;
}

type Handler = (args: unknown, emit: (event: EngineEvent) => void, signal: AbortSignal) => Promise<unknown>;

/** Calls that wait for the one before; the others answer at once, between its steps. */
const EXCLUSIVE: ReadonlySet<keyof EngineApi> = new Set([
  'load',
  'useAdapters',
  'useVae',
  'usePreviewDecoder',
  'generate',
  'walk',
]);

/** Answers the calls that arrive at a port; a malformed message gets `bad-request`, never silence. */
export function serve(port: Port, engine: Engine): void {
  let turn: Promise<unknown> = Promise.resolve();
  /** Of the calls that arrived and are not answered: a cancel also reaches a run that waits for its turn, and none that comes later. */
  const unanswered = new Set<AbortController>();
  const reply = (message: ToPage, transfer: Transferable[] = []) => port.postMessage(message, transfer);
  const answer = async (call: ToEngine, stop: AbortController) => {
    const emit = (event: EngineEvent) => reply({ id: call.id, event }, transfers(event));
    try {
      let value: unknown;
      if (call.method === 'cancel') for (const other of unanswered) other.abort();
      else value = await (engine[call.method] as Handler)(call.args, emit, stop.signal);
      reply({ id: call.id, ok: true, method: call.method, value } as ToPage);
    } catch (thrown) {
      reply(failure(call.id, thrown));
    } finally {
      unanswered.delete(stop);
    }
  };
  port.onmessage = ({ data }) => {
    let call: ToEngine;
    try {
      call = parseCall(data, engine);
    } catch (thrown) {
      reply(failure(idOf(data), thrown));
      return;
    }
    const stop = new AbortController();
    unanswered.add(stop);
    if (EXCLUSIVE.has(call.method)) turn = turn.then(() => answer(call, stop));
    else void answer(call, stop);
  };
}

function failure(id: number, thrown: unknown): ToPage {
  const { code, message } = toEaselError(thrown);
  return { id, ok: false, error: { code, message } };
}

/** -1 where the message has no id that an answer could name. */
function idOf(data: unknown): number {
  const id = (data as { id?: unknown } | null)?.id;
  return typeof id === 'number' ? id : -1;
}

function parseCall(data: unknown, engine: Engine): ToEngine {
  const { id, method, args } = (data ?? {}) as Record<string, unknown>;
  const isKnown = typeof method === 'string' && (method === 'cancel' || Object.hasOwn(engine, method));
  if (typeof id !== 'number' || !isKnown || !Array.isArray(args)) {
    throw new EaselError('bad-request', 'The engine was sent a message that it does not know.');
  }
  return data as ToEngine;
}

/** Buffers that move instead of being copied. */
function transfers(event: EngineEvent): Transferable[] {
  return event.type === 'preview' ? [event.image.rgba.buffer, event.noisy.rgba.buffer] : [];
}
