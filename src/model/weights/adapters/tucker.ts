/**
 * A convolution's kernel between two matrices (Tucker decomposition), its right one multiplied in:
 * mid [outer, rank, h, w] and down [rank, inputs] -> [outer, inputs, h, w].
 */
export function throughKernel(mid: Float32Array, down: Float32Array, outer: number, rank: number): Float32Array {
  const inputs = down.length / rank;
  const pixels = mid.length / (outer * rank);
  const out = new Float32Array(outer * inputs * pixels);
  for (let o = 0; o < outer; o++)
    for (let r = 0; r < rank; r++)
      for (let i = 0; i < inputs; i++)
        for (let p = 0; p < pixels; p++)
          out[(o * inputs + i) * pixels + p] += mid[(o * rank + r) * pixels + p] * down[r * inputs + i];
  return out;
}

/** A matrix [rows, columns] turned over: its columns become rows. */
export function turned(matrix: Float32Array, rows: number): Float32Array {
  const columns = matrix.length / rows;
  const out = new Float32Array(matrix.length);
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) out[c * rows + r] = matrix[r * columns + c];
  return out;
}
