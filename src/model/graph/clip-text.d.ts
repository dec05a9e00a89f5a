import { type ClipTextConfig } from './config';
import type { BuiltGraph, Dialect } from './types';
/**
 * transformers' CLIPTextModel for one window: input_ids [1, 77] and eos_position [1] -> last_hidden_state (after the final
 * norm), penultimate (output of the last layer but one, without it), pooled (the last hidden state at eos_position; projected,
 * where the tower has a projection).
 */
export declare function buildClipText(config: ClipTextConfig, dialect: Dialect): BuiltGraph;
/**
 * Where the pooled output is taken: the first end token; for configurations that state 2 as its id, written before transformers
 * knew better, the highest id of the tower's own vocabulary (which is the end token's; added words have higher ones).
 */
export declare function eosPosition(ids: Int32Array, { eos, vocabulary }: ClipTextConfig): number;
