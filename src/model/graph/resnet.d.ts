import type { GraphBuilder, Value } from './builder';
export interface NormOptions {
    groups: number;
    epsilon: number;
}
/**
 * diffusers' ResnetBlock2D: norm, SiLU, 3x3, twice, with the timestep's projection added in between, beside a shortcut that is
 * a 1x1 convolution where the width changes.
 * @param time the activated timestep embedding [1 or batch, width], in a UNet
 */
export declare function resnet(g: GraphBuilder, x: Value, from: number, to: number, { groups, epsilon }: NormOptions, time?: {
    embedding: Value;
    width: number;
}): Value;
/** Sinusoidal features [n, channels] of n float32 numbers, a timestep or sizes (Vaswani et al. 2017; diffusers' `Timesteps`). */
export declare function timestepFeatures(g: GraphBuilder, timestep: Value, channels: number, cosineFirst: boolean, shift: number): Value;
/** Two linear layers with SiLU between: diffusers' TimestepEmbedding. */
export declare function timestepEmbedding(g: GraphBuilder, features: Value, from: number, to: number): Value;
