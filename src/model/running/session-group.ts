import type { ChosenDevice } from '../runtime/device';
import { gpuContext } from '../runtime/gpu-context';
import type { Session } from '../runtime/session';
import type { Turns } from './turns';

/**
 * Starts one of a group's graphs on the device that the group shares.
 * @param signal ends it before its next tensor
 */
type StartSession<Graph> = (graph: Graph, device: ChosenDevice, signal?: AbortSignal) => Promise<Session>;

/** Sessions of graphs that live and die together; each starts when it is first needed. */
export class SessionGroup<Graph> {
  readonly #sessions = new Map<Graph, Promise<Session>>();
  readonly #device: ChosenDevice;

  /** @param oneByOne whether, where parts take turns, its graphs do so among themselves too */
  constructor(
    readonly start: StartSession<Graph>,
    device: ChosenDevice,
    readonly turns: Turns,
    readonly oneByOne: boolean,
  ) {
    this.#device = gpuContext(device);
  }

  /** A session that runs; started anew where others have had the memory meanwhile. */
  async session(graph: Graph, signal = this.turns.signal): Promise<Session> {
    await this.turns.take(this);
    const isAlone = this.oneByOne && this.turns.plan !== 'together';
    if (isAlone && !this.#sessions.has(graph)) await this.release();
    const started = this.#sessions.get(graph) ?? this.start(graph, this.#device, signal);
    this.#sessions.set(graph, started);
    // One that could not start (memory was short) may be tried again.
    started.catch(() => this.#sessions.delete(graph));
    return started;
  }

  /** Frees its sessions, also those that are still being created; they start again when they are needed. */
  async release(): Promise<void> {
    const settled = await Promise.allSettled(this.#sessions.values());
    this.#sessions.clear();
    for (const outcome of settled) if (outcome.status === 'fulfilled') await outcome.value.release();
  }
}
