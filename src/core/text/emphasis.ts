/**
 * A1111's emphasis ("Original"): each token's hidden state times its weight, then all of the window scaled back to its
 * old mean, so that weights shift attention between words instead of making everything stronger. Of several text towers
 * (SDXL) each has a mean of its own.
 * @param hidden [tokens, width], row-major; a window of weight 1 throughout comes back as it is.
 * @param towers how wide each tower's states are, side by side in `hidden`; one where left out.
 */
export function emphasise(hidden: Float32Array, weights: Float32Array, towers?: readonly number[]): Float32Array {
  if (weights.every((weight) => weight === 1)) return hidden;
  const width = hidden.length / weights.length;
  const out = hidden.map((value, i) => value * weights[Math.floor(i / width)]);
  let from = 0;
  for (const towerWidth of towers ?? [width]) {
    const to = from + towerWidth;
    const rescale = sumOf(hidden, width, from, to) / sumOf(out, width, from, to);
    for (let row = 0; row < out.length; row += width) for (let i = row + from; i < row + to; i++) out[i] *= rescale;
    from = to;
  }
  return out;
}

/** The sum of some columns of rows that are `width` long. */
function sumOf(values: Float32Array, width: number, from: number, to: number): number {
  let sum = 0;
  for (let row = 0; row < values.length; row += width) for (let i = row + from; i < row + to; i++) sum += values[i];
  return sum;
}
