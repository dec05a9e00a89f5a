import type { GraphBuilder, Value } from './builder';
export interface TransformerOptions {
    channels: number;
    heads: number;
    depth: number;
    context: Value;
    contextWidth: number;
    groups: number;
    linearProjection: boolean;
    upcastAttention: boolean;
}
/** diffusers' Transformer2DModel: feature map to tokens, `depth` transformer blocks, and back, beside a shortcut. */
export declare function spatialTransformer(g: GraphBuilder, x: Value, options: TransformerOptions): Value;
