import type { BuiltGraph, WeightSlot } from '../graph/types';
import type { StateDict } from './state-dict';
/** A graph's slots filled from a state dict: each read gives the bytes the graph wants. */
export interface BoundWeights {
    read(slot: WeightSlot): Promise<Uint8Array>;
    /** Keys that no graph has a place for, where that is no error. */
    unused: readonly string[];
}
/**
 * Checks that every slot of the graphs has a tensor of its shape and that no tensor is left over.
 * @param graphs that share the state dict: an autoencoder's encoder and decoder do.
 * @param what names the network in errors, as `unet`.
 * @param left what tensors left over are: an error by default; files from the wild carry some.
 * @throws EaselError `corrupt` naming the missing, unused or wrong-shaped key; `unsupported` for a dtype that is no float.
 */
export declare function bindWeights(graphs: readonly BuiltGraph[], dict: StateDict, what: string, left?: 'refused' | 'reported'): BoundWeights;
