/**
 * A1111's emphasis ("Original"): each token's hidden state times its weight, then all of the window scaled back to its
 * old mean, so that weights shift attention between words instead of making everything stronger.
 * @param hidden [tokens, width], row-major; a window of weight 1 throughout comes back as it is.
 */
export function emphasise(hidden: Float32Array, weights: Float32Array): Float32Array {
  if (weights.every((weight) => weight === 1)) return hidden;
  const width = hidden.length / weights.length;
  const out = hidden.map((value, i) => value * weights[Math.floor(i / width)]);
  const rescale = mean(hidden) / mean(out);
  return out.map((value) => value * rescale);
}

function mean(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}
