import type { GraphBuilder, Value } from './builder';

/**
 * Layers that know their derivative, for gradients with respect to a network's input: each gives its value and turns a
 * gradient with respect to that value into one with respect to what the layer was given (reverse-mode differentiation,
 * one vector-Jacobian product a layer). Weights are constants here. The plain operators run on both providers.
 */
export interface Differentiable {
  value: Value;
  back(gradient: Value): Value;
}

type Layer = (x: Value) => Differentiable;

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

/** x W^T + b on [1, from]. */
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
