import * as v from 'valibot';
import { EaselError, said, toEaselError } from '../core/errors';
import type { Engine } from './engine';
import { METHODS } from './methods';
import type { EngineEvent, ToEngine, ToPage } from './protocol';
import { read } from './wire';

/** The side of a Worker or MessagePort that both ends have. */
export interface Port {
  postMessage(message: unknown, transfer: Transferable[]): void;
  onmessage: ((event: MessageEvent) => void) | null;
}

type Handler = (args: unknown, emit: (event: EngineEvent) => void, signal: AbortSignal) => Promise<unknown>;

/** A call that arrived and is not answered. */
interface Unanswered {
  stop: AbortController;
  /** It waits for its turn no more. */
  begun: boolean;
}

/** Answers the calls that arrive at a port; a malformed message gets `bad-request`, never silence. */
export function serve(port: Port, engine: Engine): void {
  let turn: Promise<unknown> = Promise.resolve();
  const unanswered = new Map<number, Unanswered>();
  const reply = (message: ToPage, transfer: Transferable[] = []) => port.postMessage(message, transfer);
  const settle = (answer: ToPage & { id: number }) => {
    if (unanswered.delete(answer.id)) reply(answer);
  };
  const cancel = (id: number) => {
    const call = unanswered.get(id);
    if (!call) return;
    const cancelled = new EaselError('aborted', said`Cancelled.`);
    call.stop.abort(cancelled);
    if (!call.begun) settle(failure(id, cancelled));
  };
  const answer = async (call: Exclude<ToEngine, { method: 'cancel' }>) => {
    const state = unanswered.get(call.id);
    if (!state) return; // cancelled before its turn came
    state.begun = true;
    const emit = (event: EngineEvent) => reply({ id: call.id, event }, transfers(event));
    try {
      const value = await (engine[call.method] as Handler)(call.args, emit, state.stop.signal);
      settle({ id: call.id, ok: true, method: call.method, value } as ToPage);
    } catch (thrown) {
      // What is interrupted fails in ways of its own: a fetch, or onnxruntime that lacks a weight.
      const { signal } = state.stop;
      settle(failure(call.id, signal.aborted ? signal.reason : thrown));
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
    if (call.method === 'cancel') {
      cancel(call.args[0]);
      reply({ id: call.id, ok: true, method: 'cancel', value: undefined });
      return;
    }
    const next = call;
    unanswered.set(next.id, { stop: new AbortController(), begun: false });
    if (METHODS[next.method].isExclusive) turn = turn.then(() => answer(next));
    else void answer(next);
  };
}

function failure(id: number, thrown: unknown): ToPage {
  const { code, said, details } = toEaselError(thrown);
  return { id, ok: false, error: { code, said, ...(details !== undefined && { details }) } };
}

/** -1 where the message has no id that an answer could name. */
function idOf(data: unknown): number {
  return v.is(v.object({ id: v.number() }), data) ? data.id : -1;
}

function parseCall(data: unknown, engine: Engine): ToEngine {
  const method = v.picklist(['cancel', ...Object.keys(engine)]);
  const call = v.object({ id: v.number(), method, args: v.array(v.unknown()) });
  read(call, data, said`The engine was sent a message that it does not know.`);
  return data as ToEngine;
}

/** Buffers that move instead of being copied. */
function transfers(event: EngineEvent): Transferable[] {
  return event.type === 'preview' ? [event.image.rgba.buffer, event.noisy.rgba.buffer] : [];
}
