import type { GraphBuilder, Value } from './builder';
import { upsampleNearest } from './layers';

/**
 * Feature maps made half or twice as large behind a low-pass filter, (1, 3, 3, 1) / 8 both ways (Karras et al. 2019,
 * "StyleGAN 2"; Song et al. 2021, appendix H). Beyond the edge there are zeros.
 */

/** Half as high and wide. */
export function downsampleFir(g: GraphBuilder, x: Value, channels: number): Value {
  return eachChannel(g, x, channels, [1, 3, 3, 1], 2);
}

/**
 * Twice as high and wide: between zeros, the filter is (1, 3) / 4 and (3, 1) / 4 in turn, which is each value twice and
 * then (1, 2, 1) / 4.
 */
export function upsampleFir(g: GraphBuilder, x: Value, channels: number): Value {
  return eachChannel(g, upsampleNearest(g, x), channels, [1, 2, 1], 1);
}

/** A separable filter of sum 1 on each channel by itself. */
function eachChannel(g: GraphBuilder, x: Value, channels: number, row: readonly number[], stride: number): Value {
  const size = row.length;
  const sum = row.reduce((total, tap) => total + tap, 0);
  const kernel = row.flatMap((a) => row.map((b) => (a * b) / sum ** 2));
  const all = Array.from({ length: channels }, () => kernel).flat();
  const weight = g.constant(g.dialect.precision, all, [channels, 1, size, size]);
  const pads = [1, 1, 1, 1];
  return g.node('Conv', [x, weight], {
    attributes: { kernel_shape: [size, size], strides: [stride, stride], pads, group: channels },
  });
}
