import type { BuiltGraph } from './graph/types';
import type { ChosenDevice } from './runtime/device';
import { type Session } from './runtime/session';
import { type AdaptedNetwork, type LoraUse } from './weights/lora';
import type { StateDict } from './weights/state-dict';
import { type Embedding } from './weights/textual-inversion';
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
/**
 * Networks that start again from the model's own files when their adapters change: the old session goes before the new one comes,
 * so memory never holds both, and without adapters the weights are the original ones, bit for bit.
 */
export declare class AdaptableNetworks {
    #private;
    readonly parts: readonly AdaptablePart[];
    readonly device: ChosenDevice;
    /** Checks that every weight has its place; starts nothing yet. */
    constructor(parts: readonly AdaptablePart[], device: ChosenDevice);
    /** Tensors of the model's own files that no graph has a place for. */
    get unused(): string[];
    start(): Promise<void>;
    session(id: AdaptedNetwork): Session;
    /**
     * Replaces all adapters. Everything is checked before anything is stopped.
     * @returns modules of the LoRAs that this model has no place for.
     * @throws EaselError `unsupported` naming an adapter that was made for another family; whatever a session's start throws.
     */
    adapt(adapters: Adapters): Promise<string[]>;
    release(): Promise<void>;
}
