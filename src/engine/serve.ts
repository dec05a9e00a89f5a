import { EaselError, toEaselError } from '../core/errors';
import type { Engine } from './engine';
import type { EngineApi, EngineEvent, ToEngine, ToPage } from './protocol';

/** The side of a Worker or MessagePort that both ends have. */
export interface Port {
  postMessage(message: unknown, transfer: Transferable[]): void;
  onmessage: ((event: MessageEvent) => void) | null;
}

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
  const reply = (message: ToPage, transfer: Transferable[] = []) => port.postMessage(message, transfer);
  const answer = async (call: ToEngine) => {
    const emit = (event: EngineEvent) => reply({ id: call.id, event }, transfers(event));
    try {
      const handler = engine[call.method] as (args: unknown, emit: (event: EngineEvent) => void) => Promise<unknown>;
      const value = await handler(call.args, emit);
      reply({ id: call.id, ok: true, method: call.method, value } as ToPage);
    } catch (thrown) {
      reply(failure(call.id, thrown));
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
    if (EXCLUSIVE.has(call.method)) turn = turn.then(() => answer(call));
    else void answer(call);
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
  if (typeof id !== 'number' || typeof method !== 'string' || !Object.hasOwn(engine, method) || !Array.isArray(args)) {
    throw new EaselError('bad-request', 'The engine was sent a message that it does not know.');
  }
  return data as ToEngine;
}

/** Buffers that move instead of being copied. */
function transfers(event: EngineEvent): Transferable[] {
  return event.type === 'preview' ? [event.image.rgba.buffer, event.noisy.rgba.buffer] : [];
}
