import type { Tensors } from './method';

/**
 * OFT's rotations less the identity, at a weight: weight (R - I) for each block [size, size], one after another, where
 * R = (I + Q) (I - Q)^-1 (Cayley's transform; Qiu et al. 2023, eq. 4) of Q = B - B^T. Where its constraint is not 0,
 * all Q together have a norm of at most that times the outputs, as LyCORIS and kohya's scripts scale it.
 */
export async function rotations(
  tensors: Tensors,
  outputs: number,
  size: number,
  weight: number,
): Promise<Float32Array> {
  const blocks = await tensors.floats('oft_blocks');
  const limit = (await tensors.constraint()) * outputs;
  const skew = skewParts(blocks, size);
  const norm = Math.sqrt(skew.reduce((sum, value) => sum + value * value, 0));
  const shrink = limit > 0 && norm > limit ? limit / norm : 1;
  const out = new Float32Array(blocks.length);
  for (let at = 0; at < blocks.length; at += size * size) {
    const q = skew.subarray(at, at + size * size).map((value) => value * shrink);
    const turn = cayley(q, size);
    for (let i = 0; i < turn.length; i++) out[at + i] = weight * (turn[i] - (i % (size + 1) === 0 ? 1 : 0));
  }
  return out;
}

/** B - B^T of each block. */
function skewParts(blocks: Float32Array, size: number): Float64Array {
  const out = new Float64Array(blocks.length);
  for (let at = 0; at < blocks.length; at += size * size)
    for (let r = 0; r < size; r++)
      for (let c = 0; c < size; c++) out[at + r * size + c] = blocks[at + r * size + c] - blocks[at + c * size + r];
  return out;
}

/**
 * (I + Q) (I - Q)^-1 of a skew-symmetric Q [size, size]. Both factors commute, so it solves (I - Q) R = I + Q, by
 * Gauss' and Jordan's elimination: I - Q has a positive definite symmetric part, and so needs no pivots.
 */
function cayley(q: Float64Array, size: number): Float64Array {
  const left = q.map((value, i) => (i % (size + 1) === 0 ? 1 : 0) - value);
  const right = q.map((value, i) => (i % (size + 1) === 0 ? 1 : 0) + value);
  for (let pivot = 0; pivot < size; pivot++) {
    const inverse = 1 / left[pivot * size + pivot];
    for (let c = 0; c < size; c++) {
      left[pivot * size + c] *= inverse;
      right[pivot * size + c] *= inverse;
    }
    for (let r = 0; r < size; r++) {
      const factor = r === pivot ? 0 : left[r * size + pivot];
      if (factor === 0) continue;
      for (let c = pivot; c < size; c++) left[r * size + c] -= factor * left[pivot * size + c];
      for (let c = 0; c < size; c++) right[r * size + c] -= factor * right[pivot * size + c];
    }
  }
  return right;
}
