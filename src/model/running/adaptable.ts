import { EaselError } from '../../core/errors';
import type { BuiltGraph } from '../graph/types';
import type { ChosenDevice } from '../runtime/device';
import { createSession, type Session } from '../runtime/session';
import { type BoundWeights, bindWeights } from '../weights/bind';
import type { AdaptedNetwork } from '../weights/lora';
import { type LoraUse, withLoras } from '../weights/lora-merge';
import type { StateDict } from '../weights/state-dict';
import { type Embedding, withEmbeddings } from '../weights/textual-inversion';

/** What changes a model's weights without being part of it. */
export interface Adapters {
  loras: readonly LoraUse[];
  embeddings: readonly Embedding[];
}

/** A network that LoRAs and embeddings may change. */
export interface AdaptablePart {
  id: AdaptedNetwork;
  /** For errors. */
  name: string;
  /** Its own weights, without adapters. */
  weights: StateDict;
  leftOver: 'refused' | 'reported';
  /** Its graph, with room for further rows of the token table where it is a text tower. */
  build(addedWords: number): BuiltGraph;
}

interface Prepared {
  part: AdaptablePart;
  dict: StateDict;
  graph: BuiltGraph;
  bound: BoundWeights;
}

/**
 * Networks that start again from the model's own files when their adapters change: the old session goes before the new one comes,
 * so memory never holds both, and without adapters the weights are the original ones, bit for bit.
 */
export class AdaptableNetworks {
  readonly #running = new Map<AdaptedNetwork, { dict: StateDict; session: Session }>();
  #prepared: readonly Prepared[];

  /** Checks that every weight has its place; starts nothing yet. */
  constructor(
    readonly parts: readonly AdaptablePart[],
    readonly device: ChosenDevice,
  ) {
    this.#prepared = this.#prepare({ loras: [], embeddings: [] }).prepared;
  }

  /** Tensors of the model's own files that no graph has a place for. */
  get unused(): string[] {
    return this.#prepared.flatMap(({ bound }) => bound.unused);
  }

  /** As they would start now. */
  get graphs(): BuiltGraph[] {
    return this.#prepared.map(({ graph }) => graph);
  }

  start(signal?: AbortSignal): Promise<void> {
    return this.#run(this.#prepared, signal);
  }

  session(id: AdaptedNetwork): Session {
    const found = this.#running.get(id);
    if (!found) throw new EaselError('internal', `The ${id} is not running. Load the model again.`);
    return found.session;
  }

  /**
   * Replaces all adapters. Everything is checked before anything is stopped. Where it fails or is cancelled on its way, the networks
   * that it came to stand still until the next call.
   * @returns modules of the LoRAs that this model has no place for.
   * @throws EaselError `unsupported` naming an adapter that was made for another family; whatever a session's start throws.
   */
  async adapt(adapters: Adapters, signal?: AbortSignal): Promise<string[]> {
    const { prepared, unmatched } = this.#prepare(adapters);
    await this.#run(prepared, signal);
    return unmatched;
  }

  #prepare(adapters: Adapters): { prepared: Prepared[]; unmatched: string[] } {
    const { loras, embeddings } = adapters;
    const towers = this.parts.filter(({ id }) => id !== 'unet').length;
    const added = embeddings.reduce((sum, { vectors }) => sum + vectors, 0);
    const unmatched: string[] = [];
    const prepared = this.parts.map((part): Prepared => {
      const tower = { index: part.id === 'text_encoder_2' ? 1 : 0, of: towers } as const;
      const worded = part.id === 'unet' ? part.weights : withEmbeddings(part.weights, embeddings, tower);
      const adapted = withLoras(worded, part.id, loras);
      unmatched.push(...adapted.unmatched);
      const graph = part.build(part.id === 'unet' ? 0 : added);
      const bound = bindWeights([graph], adapted.dict, part.name, part.leftOver);
      return { part, dict: adapted.dict, graph, bound };
    });
    for (const { lora } of loras) unmatched.push(...this.#homeless(lora));
    return { prepared, unmatched };
  }

  /** Modules for networks that this model does not have. @throws EaselError where the model has none of the LoRA's networks. */
  #homeless({ name, modules }: LoraUse['lora']): string[] {
    const own = this.parts.map(({ id }) => id);
    const ids = (Object.keys(modules) as AdaptedNetwork[]).filter((id) => modules[id].size > 0);
    if (!ids.some((id) => own.includes(id))) {
      throw new EaselError('unsupported', `LoRA "${name}" changes ${ids.join(', ')}, which this model does not have.`);
    }
    return ids
      .filter((id) => !own.includes(id))
      .flatMap((id) => [...modules[id].keys()].map((key) => `${name}: ${key}`));
  }

  async #run(prepared: readonly Prepared[], signal?: AbortSignal): Promise<void> {
    this.#prepared = prepared;
    for (const { part, dict, graph, bound } of prepared) {
      const before = this.#running.get(part.id);
      if (before?.dict === dict) continue;
      signal?.throwIfAborted();
      this.#running.delete(part.id);
      await before?.session.release();
      this.#running.set(part.id, { dict, session: await createSession(graph, bound, this.device, signal) });
    }
  }

  async release(): Promise<void> {
    const sessions = [...this.#running.values()];
    this.#running.clear();
    for (const { session } of sessions) await session.release();
  }
}
