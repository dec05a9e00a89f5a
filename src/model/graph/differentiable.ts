import type { GraphBuilder, Value } from './builder';
import { toFeatureMap, toTokens, upsampleNearest } from './layers';

/**
 * Layers that know their derivative, for gradients with respect to a network's input: each gives its value and turns a
 * gradient with respect to that value into one with respect to what the layer was given (reverse-mode differentiation,
 * one vector-Jacobian product a layer). Weights are constants here. The plain operators run on both providers.
 */
export interface Differentiable {
  value: Value;
  back(gradient: Value): Value;
}

export type Layer = (x: Value) => Differentiable;

/** One layer after another. */
export function sequence(x: Value, layers: readonly Layer[]): Differentiable {
  let value = x;
  const applied = layers.map((layer) => {
    const result = layer(value);
    value = result.value;
    return result;
  });
  return { value, back: (gradient) => applied.reduceRight((d, layer) => layer.back(d), gradient) };
}

/** Two layers of the same input, added up. */
export function sum(g: GraphBuilder, a: Differentiable, b: Differentiable): Differentiable {
  return {
    value: g.node('Add', [a.value, b.value]),
    back: (d) => g.node('Add', [a.back(d), b.back(d)]),
  };
}

/** A square convolution; backwards, the transposed convolution with the same kernel. */
export function conv(g: GraphBuilder, from: number, to: number, size: number, stride = 1): Layer {
  const pad = (size - 1) / 2;
  const attributes = { kernel_shape: [size, size], strides: [stride, stride], pads: [pad, pad, pad, pad] };
  const kernel = g.weight('weight', [to, from, size, size]);
  const bias = g.weight('bias', [to]);
  return (x) => ({
    value: g.node('Conv', [x, kernel, bias], { attributes }),
    back(d) {
      const output_padding = [stride - 1, stride - 1];
      const whole = g.node('ConvTranspose', [d, kernel], { attributes: { ...attributes, output_padding } });
      if (stride === 1) return whole;
      // An odd side was rounded up when it was halved.
      const sides = g.node('Shape', [x], { attributes: { start: 2, end: 4 } });
      return g.node('Slice', [whole, g.constant('int64', [0, 0]), sides, g.constant('int64', [2, 3])]);
    },
  });
}

/**
 * Group normalisation (Wu and He 2018); backwards, deviation^-1 (d - mean d - normal mean(d normal)) within each group.
 */
export function groupNorm(g: GraphBuilder, groups: number, channels: number, epsilon = 1e-5): Layer {
  const weight = g.weight('weight', [channels], { dims: [channels, 1, 1] });
  const bias = g.weight('bias', [channels], { dims: [channels, 1, 1] });
  const mean = (x: Value) => g.node('ReduceMean', [x], { attributes: { axes: [2], keepdims: 1 } });
  return (x) => {
    const grouped = (y: Value) => g.node('Reshape', [y, g.constant('int64', [0, groups, -1])]);
    const mapped = (y: Value) => g.node('Reshape', [y, g.node('Shape', [x])]);
    const flat = grouped(x);
    const centred = g.node('Sub', [flat, mean(flat)]);
    const variance = mean(g.node('Mul', [centred, centred]));
    const deviation = g.node('Sqrt', [g.node('Add', [variance, g.number(epsilon)])]);
    const normal = g.node('Div', [centred, deviation]);
    return {
      value: g.node('Add', [g.node('Mul', [mapped(normal), weight]), bias]),
      back(d) {
        const e = grouped(g.node('Mul', [d, weight]));
        const along = g.node('Mul', [normal, mean(g.node('Mul', [e, normal]))]);
        return mapped(g.node('Div', [g.node('Sub', [g.node('Sub', [e, mean(e)]), along]), deviation]));
      },
    };
  };
}

/** x sigmoid(x); its derivative is sigmoid(x) + value (1 - sigmoid(x)). */
export function silu(g: GraphBuilder): Layer {
  return (x) => {
    const gate = g.node('Sigmoid', [x]);
    const value = g.node('Mul', [x, gate]);
    return {
      value,
      back(d) {
        const rest = g.node('Mul', [value, g.node('Sub', [g.number(1), gate])]);
        return g.node('Mul', [d, g.node('Add', [gate, rest])]);
      },
    };
  };
}

/** What does not depend on the input, added: [1, channels] to every place of a feature map. */
export function shift(g: GraphBuilder, by: Value, channels: number): Layer {
  const column = g.node('Reshape', [by, g.constant('int64', [1, channels, 1, 1])]);
  return (x) => ({ value: g.node('Add', [x, column]), back: (d) => d });
}

/** x (1 + scale) + shift, neither of which depends on the input. @param by both, [1, 2 channels], the scale first */
export function scaleAndShift(g: GraphBuilder, by: Value, channels: number): Layer {
  const columns = g.node('Reshape', [by, g.constant('int64', [1, 2 * channels, 1, 1])]);
  const [scale, offset] = g.nodes('Split', [columns], 2, { attributes: { axis: 1 } });
  const factor = g.node('Add', [scale, g.number(1)]);
  return (x) => ({
    value: g.node('Add', [g.node('Mul', [x, factor]), offset]),
    back: (d) => g.node('Mul', [d, factor]),
  });
}

/** Each square of four cells as their mean; backwards, a quarter of the gradient to each of the four. Even sides. */
export function halve(g: GraphBuilder): Layer {
  return (x) => ({
    value: g.node('AveragePool', [x], { attributes: { kernel_shape: [2, 2], strides: [2, 2] } }),
    back: (d) => g.node('Mul', [upsampleNearest(g, d), g.number(0.25)]),
  });
}

/** A feature map's cells as tokens [1, cells, channels]. */
export function tokens(g: GraphBuilder, channels: number): Layer {
  return (x) => ({ value: toTokens(g, x, channels), back: (d) => toFeatureMap(g, d, x) });
}

/** The way back, to a map of the same size as `like`. */
export function featureMap(g: GraphBuilder, channels: number, like: Value): Layer {
  return (x) => ({ value: toFeatureMap(g, x, like), back: (d) => toTokens(g, d, channels) });
}

/** Attention of some tokens to others, which know what each of its three inputs gave. */
interface AttentionStep {
  value: Value;
  back(gradient: Value): readonly [query: Value, key: Value, value: Value];
}

/**
 * Scaled dot-product attention P V, P = softmax(Q K^T / sqrt(width)); backwards, with S the scaled products and d the
 * gradient, dV = P^T d, dS = P (d V^T - sum over keys of P d V^T), dQ = dS K / sqrt(width), dK = dS^T Q / sqrt(width).
 */
export function attend(
  g: GraphBuilder,
  [query, key, value]: readonly [Value, Value, Value],
  { channels, heads }: { channels: number; heads: number },
): AttentionStep {
  const width = channels / heads;
  const turned = (x: Value) => g.node('Transpose', [x], { attributes: { perm: [0, 2, 1, 3] } });
  const byHead = (x: Value) => turned(g.node('Reshape', [x, g.constant('int64', [0, 0, heads, width])]));
  const joined = (x: Value) => g.node('Reshape', [turned(x), g.constant('int64', [0, 0, channels])]);
  const flipped = (x: Value) => g.node('Transpose', [x], { attributes: { perm: [0, 1, 3, 2] } });
  const scaled = (x: Value) => g.node('Mul', [x, g.number(width ** -0.5)]);
  const [q, k, v] = [scaled(byHead(query)), byHead(key), byHead(value)];
  const shares = g.node('Softmax', [g.node('MatMul', [q, flipped(k)])], { attributes: { axis: -1 } });
  return {
    value: joined(g.node('MatMul', [shares, v])),
    back(gradient) {
      const d = byHead(gradient);
      const weighted = g.node('Mul', [shares, g.node('MatMul', [d, flipped(v)])]);
      const total = g.node('ReduceSum', [weighted, g.constant('int64', [-1])], { attributes: { keepdims: 1 } });
      const scores = g.node('Sub', [weighted, g.node('Mul', [shares, total])]);
      return [
        joined(scaled(g.node('MatMul', [scores, k]))),
        joined(g.node('MatMul', [flipped(scores), q])),
        joined(g.node('MatMul', [flipped(shares), d])),
      ];
    },
  };
}

/**
 * A feature map's mean and largest value in each channel, [1, 2 channels]; the largest passes its gradient to the place
 * where it stood.
 */
export function pool(g: GraphBuilder, channels: number): Layer {
  const attributes = { axes: [2], keepdims: 1 };
  return (x) => {
    const flat = g.node('Reshape', [x, g.constant('int64', [1, channels, -1])]);
    const mean = g.node('ReduceMean', [flat], { attributes });
    const largest = g.node('ReduceMax', [flat], { attributes });
    const both = g.node('Concat', [mean, largest], { attributes: { axis: 1 } });
    return {
      value: g.node('Reshape', [both, g.constant('int64', [1, 2 * channels])]),
      back(d) {
        const columns = g.node('Reshape', [d, g.constant('int64', [1, 2 * channels, 1])]);
        const [ofMean, ofLargest] = g.nodes('Split', [columns], 2, { attributes: { axis: 1 } });
        const at = g.node('Cast', [g.node('Equal', [flat, largest])], { attributes: { to: 1 } });
        const ties = g.node('ReduceSum', [at, g.constant('int64', [2])], { attributes: { keepdims: 1 } });
        const places = g.node('Cast', [g.node('Shape', [flat], { attributes: { start: 2, end: 3 } })], {
          attributes: { to: 1 },
        });
        const ofPlaces = g.node('Add', [
          g.node('Div', [ofMean, places]),
          g.node('Mul', [at, g.node('Div', [ofLargest, ties])]),
        ]);
        return g.node('Reshape', [ofPlaces, g.node('Shape', [x])]);
      },
    };
  };
}

/** x W^T + b on [..., from]. */
export function linear(g: GraphBuilder, from: number, to: number): Layer {
  const weight = g.weight('weight', [to, from], { dims: [from, to], layout: 'transpose' });
  const bias = g.weight('bias', [to]);
  return (x) => ({
    value: g.node('Add', [g.node('MatMul', [x, weight]), bias]),
    back: (d) => g.node('MatMul', [d, g.node('Transpose', [weight], { attributes: { perm: [1, 0] } })]),
  });
}

/** A vector [1, width] at length one; backwards, what is left of d across the vector, over its old length. */
export function unit(g: GraphBuilder): Layer {
  const total = (x: Value) => g.node('ReduceSum', [x, g.constant('int64', [1])], { attributes: { keepdims: 1 } });
  return (x) => {
    const length = g.node('Sqrt', [total(g.node('Mul', [x, x]))]);
    const value = g.node('Div', [x, length]);
    return {
      value,
      back(d) {
        const along = g.node('Mul', [value, total(g.node('Mul', [d, value]))]);
        return g.node('Div', [g.node('Sub', [d, along]), length]);
      },
    };
  };
}
