import type { GraphBuilder, Value } from './builder';
interface LinearOptions {
    bias?: boolean;
    /** The state dict holds the matrix as a 1x1 kernel. */
    kernel?: boolean;
}
/** x W^T + b on the last axis. */
export declare function linear(g: GraphBuilder, x: Value, from: number, to: number, { bias, kernel }?: LinearOptions): Value;
interface ConvOptions {
    stride?: number;
    bias?: boolean;
    /** Rows and columns of zeros: [top, left, bottom, right]. */
    pads?: readonly [number, number, number, number];
}
/** A square convolution, `size` pixels wide, by default with padding that keeps the picture's size. */
export declare function conv(g: GraphBuilder, x: Value, from: number, to: number, size: number, { stride, bias, pads }?: ConvOptions): Value;
/** x sigmoid(x), one kernel on both providers: QuickGelu is x sigmoid(alpha x). */
export declare function silu(g: GraphBuilder, x: Value): Value;
/** Group normalisation (Wu and He 2018) over a feature map, with SiLU after it where asked. The one place that decides its form. */
export declare function groupNorm(g: GraphBuilder, x: Value, groups: number, channels: number, epsilon: number, activation: 'silu' | 'none'): Value;
export declare function layerNorm(g: GraphBuilder, x: Value, channels: number, epsilon: number): Value;
interface AttentionOptions {
    /** Added to the scores, [1, 1, tokens, tokens]. */
    bias?: Value;
    /** In float32 whatever the dialect. */
    exact?: boolean;
}
/** Scaled dot-product attention over tokens, scale 1 / sqrt(channels / heads). */
export declare function attention(g: GraphBuilder, query: Value, key: Value, value: Value, heads: number, { bias, exact }?: AttentionOptions): Value;
/** Exact (erf) GELU. */
export declare function gelu(g: GraphBuilder, x: Value): Value;
/** x sigmoid(1.702 x), the approximation that OpenAI's CLIP uses. */
export declare function quickGelu(g: GraphBuilder, x: Value): Value;
/** GEGLU (Shazeer 2020): one linear layer to twice the width; the first half times the GELU of the second. */
export declare function geglu(g: GraphBuilder, x: Value, from: number, to: number): Value;
/** [batch, channels, height, width] -> [batch, height * width, channels]. */
export declare function toTokens(g: GraphBuilder, x: Value, channels: number): Value;
/** Tokens back to a feature map of the same size as `like`. */
export declare function toFeatureMap(g: GraphBuilder, tokens: Value, like: Value): Value;
/** Nearest-neighbour enlargement to twice the size, or to the size of a feature map where halving had rounded up. */
export declare function upsampleNearest(g: GraphBuilder, x: Value, like?: Value): Value;
/** float32 <-> the dialect's precision, at the edges of a graph. */
export declare function toPrecision(g: GraphBuilder, x: Value): Value;
export declare function toFloat32(g: GraphBuilder, x: Value): Value;
export {};
