import type { AttachReport } from '../../core/attach-report';
import { EaselError, said } from '../../core/errors';
import type { BuiltGraph } from '../graph/types';
import type { ChosenDevice } from '../runtime/device';
import { gpuContext } from '../runtime/gpu-context';
import { createSession, type Session } from '../runtime/session';
import { type BoundWeights, bindWeights } from '../weights/bind';
import { readAhead, spareBytes } from '../weights/external-data';
import { KeptWeights } from '../weights/kept-weights';
import type { AdaptedNetwork } from '../weights/lora';
import { type LoraUse, withLoras } from '../weights/lora-merge';
import { soundLora } from '../weights/sound-lora';
import type { StateDict } from '../weights/state-dict';
import { type Embedding, withEmbeddings } from '../weights/textual-inversion';
import { Turns } from './turns';

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
  onUnused: 'error' | 'warn';
  /** Its graph, with room for further rows of the token table where it is a text tower. */
  build(addedWords: number): BuiltGraph;
}

interface Prepared {
  part: AdaptablePart;
  /** What of the adapters changes it. */
  changes: readonly unknown[];
  dict: StateDict;
  graph: BuiltGraph;
  bound: BoundWeights;
}

/** What changes a network: equal lists are equal changes. */
function changesOf(id: AdaptedNetwork, { loras, embeddings }: Adapters): unknown[] {
  const own = loras.flatMap(({ lora, unetWeight, textWeight }) => {
    const weight = id === 'unet' ? unetWeight : textWeight;
    return weight === 0 || lora.modules[id].size === 0 ? [] : [lora, weight];
  });
  return id === 'unet' ? own : [...own, ...embeddings];
}

const isSame = (some: readonly unknown[], others: readonly unknown[]): boolean =>
  some.length === others.length && some.every((one, at) => one === others[at]);

/** Networks that share a graphics device, and so go and come together. */
interface Group {
  device: ChosenDevice;
  has(id: AdaptedNetwork): boolean;
  release(): Promise<void>;
}

/**
 * Networks that start again from the model's own files when their adapters change: the old session goes before the new
 * one comes, so memory never holds both, and without adapters the weights are the original ones, bit for bit. Where
 * they take turns with each other, a group starts when one of it is used.
 */
export class AdaptableNetworks {
  readonly #groups: readonly Group[];
  readonly #running = new Map<AdaptedNetwork, { dict: StateDict; session: Session }>();
  readonly #kept = new Map<AdaptedNetwork, KeptWeights>();
  #prepared: readonly Prepared[] = [];

  /** Checks that every weight has its place; starts nothing yet. */
  constructor(
    readonly parts: readonly AdaptablePart[],
    device: ChosenDevice,
    readonly turns = new Turns(),
  ) {
    const group = (has: Group['has']): Group => {
      return { device: gpuContext(device), has, release: () => this.#stopAll(has) };
    };
    this.#groups = [group((id) => id !== 'unet'), group((id) => id === 'unet')];
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

  /** Starts all of them; where they take turns, those that are used first. */
  async start(signal?: AbortSignal): Promise<void> {
    if (this.turns.plan === 'together') await this.#run(this.#prepared, signal);
    else await this.session(this.parts[0].id);
  }

  /** A network that runs; started with its group where others have had the memory meanwhile. */
  async session(id: AdaptedNetwork): Promise<Session> {
    const group = this.#groups.find(({ has }) => has(id)) as Group;
    await this.turns.take(group);
    if (!this.#running.has(id)) {
      await group.release();
      await this.#startAll(this.#outdated(group), this.turns.signal);
    }
    const found = this.#running.get(id);
    if (!found) throw new EaselError('internal', said`This model has no ${id}.`);
    return found.session;
  }

  /**
   * Replaces all adapters. Everything is checked before anything is stopped. Where it fails or is cancelled on its way,
   * the networks that it came to stand still until the next call, or until they are used. A network whose own adapters
   * are as they were runs on.
   * @returns what of each LoRA acts, in their order.
   * @throws EaselError `unsupported` naming an adapter that was made for another family; whatever a session's start
   * throws.
   */
  async adapt(adapters: Adapters, signal?: AbortSignal): Promise<readonly AttachReport[]> {
    const loras: LoraUse[] = [];
    for (const use of adapters.loras) {
      loras.push({ ...use, lora: await soundLora(use.lora, signal) });
    }
    const { prepared, reports } = this.#prepare({ ...adapters, loras });
    await this.#run(prepared, signal);
    return reports;
  }

  /** What of adapters would act; nothing is changed. @throws as `adapt`, where one was made for another family. */
  checkFit(adapters: Adapters): readonly AttachReport[] {
    return this.#merge(adapters).reports;
  }

  #prepare(adapters: Adapters): { prepared: Prepared[]; reports: readonly AttachReport[] } {
    const { dicts, reports } = this.#merge(adapters, (part) => this.#keptOf(part, adapters.loras));
    const added = adapters.embeddings.reduce((sum, { vectors }) => sum + vectors, 0);
    const prepared = this.parts.map((part, at): Prepared => {
      const changes = changesOf(part.id, adapters);
      const before = this.#prepared.find((other) => other.part === part);
      if (before && isSame(before.changes, changes)) return before;
      const graph = part.build(part.id === 'unet' ? 0 : added);
      return {
        part,
        changes,
        dict: dicts[at],
        graph,
        bound: bindWeights([graph], dicts[at], part.name, part.onUnused),
      };
    });
    return { prepared, reports };
  }

  /**
   * Each network's weights with the adapters in them, still unread.
   * @param sourceOf where a network's bytes are read that LoRAs change
   */
  #merge(
    { loras, embeddings }: Adapters,
    sourceOf: (part: AdaptablePart) => Pick<StateDict, 'read'> = ({ weights }) => weights,
  ): { dicts: StateDict[]; reports: readonly AttachReport[] } {
    const of = this.parts.filter(({ id }) => id !== 'unet').length;
    const adapted = this.parts.map((part) => {
      const { id, weights } = part;
      const tower = { index: id === 'text_encoder_2' ? 1 : 0, of } as const;
      const base = id === 'unet' ? weights : withEmbeddings(weights, embeddings, tower);
      // Embeddings are further rows, which the network's own bytes do not have.
      return withLoras(base, id, loras, base === weights ? sourceOf(part) : base);
    });
    const reports = loras.map(({ lora }, at): AttachReport => {
      const own = adapted.map((part) => part.reports[at]);
      const unmatched = [...own.flatMap((part) => part.unmatched), ...this.#modulesElsewhere(lora), ...lora.unused];
      return { name: lora.name, used: own.reduce((sum, { used }) => sum + used, 0), unmatched };
    });
    return { dicts: adapted.map(({ dict }) => dict), reports };
  }

  /** A network's bytes that LoRAs were merged into before, while any is on and the networks fit side by side. */
  #keptOf({ id, weights }: AdaptablePart, loras: readonly LoraUse[]): Pick<StateDict, 'read'> {
    if (loras.length === 0 || this.turns.plan !== 'together') {
      this.#kept.delete(id);
      return weights;
    }
    const kept = this.#kept.get(id) ?? new KeptWeights(weights, spareBytes());
    this.#kept.set(id, kept);
    return kept;
  }

  /**
   * Modules for networks that this model does not have. @throws EaselError where the model has none of the LoRA's
   * networks.
   */
  #modulesElsewhere({ name, modules }: LoraUse['lora']): string[] {
    const own = this.parts.map(({ id }) => id);
    const ids = (Object.keys(modules) as AdaptedNetwork[]).filter((id) => modules[id].size > 0);
    if (!ids.some((id) => own.includes(id))) {
      throw new EaselError(
        'unsupported',
        said`LoRA "${name}" changes ${ids.join(', ')}, which this model does not have.`,
      );
    }
    return ids.filter((id) => !own.includes(id)).flatMap((id) => [...modules[id].keys()]);
  }

  async #run(prepared: readonly Prepared[], signal?: AbortSignal): Promise<void> {
    this.#prepared = prepared;
    const outdated = this.#groups.flatMap((group) => this.#outdated(group));
    if (outdated.length === 0) return;
    signal?.throwIfAborted();
    for (const { part } of outdated) await this.#stop(part.id);
    if (this.turns.plan !== 'together') return;
    for (const group of this.#groups) await this.turns.take(group);
    await this.#startAll(outdated, signal);
  }

  /** Those of a group that do not run as they are prepared, and others that must start again with them. */
  #outdated({ device, has }: Group) {
    const members = this.#prepared.filter(({ part }) => has(part.id));
    const changed = members.filter(({ part, dict }) => this.#running.get(part.id)?.dict !== dict);
    // A graphics device gives its memory back only as a whole.
    return (device.openGpu && changed.length > 0 ? members : changed).map((member) => ({ ...member, device }));
  }

  async #startAll(networks: readonly (Prepared & { device: ChosenDevice })[], signal?: AbortSignal): Promise<void> {
    // What the last needs is read while the first starts.
    const starting = networks.map((network) => ({
      ...network,
      ahead: readAhead(network.graph.weights, network.bound),
    }));
    try {
      for (const { part, dict, graph, bound, device, ahead } of starting) {
        signal?.throwIfAborted();
        const repeats = part.id === 'unet';
        const session = await createSession(graph, bound, device, { signal, ahead, repeats });
        this.#running.set(part.id, { dict, session });
      }
    } finally {
      for (const { ahead } of starting) ahead.stop();
    }
  }

  async #stopAll(has: Group['has']): Promise<void> {
    for (const id of [...this.#running.keys()].filter(has)) await this.#stop(id);
  }

  async #stop(id: AdaptedNetwork): Promise<void> {
    const running = this.#running.get(id);
    this.#running.delete(id);
    await running?.session.release();
  }

  release(): Promise<void> {
    return this.#stopAll(() => true);
  }
}
