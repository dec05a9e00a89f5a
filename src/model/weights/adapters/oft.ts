import { withProducts } from '../matrix-product';
import { columnsOf, type Header, type Method, sizeOf, type Tensors } from './method';
import { rotations } from './rotations';

/**
 * OFT (Qiu et al. 2023, section 3.2) as LyCORIS and kohya's scripts have it: blocks of outputs are rotated, W_k ->
 * R_k^T W_k, R_k of the block's skew-symmetric part by Cayley's transform. A weight other than 1 mixes each R with I.
 * Where its training rescaled, each output is then multiplied by a number of its own, whatever the weight is.
 */
export const oft: Method = {
  name: 'OFT',
  of: 'weight',
  is: ({ has, shape }) => has('oft_blocks') && shape('oft_blocks').length !== 4,
  lacks: () => undefined,
  fault(header, { rows }) {
    const [count, size, other, ...rest] = header.shape('oft_blocks');
    if (rest.length > 0 || size !== other || count * size !== rows) return { role: 'oft_blocks' };
    return rescaleFault(header, rows);
  },
  async change(tensors, target, weight) {
    const size = tensors.shape('oft_blocks')[1];
    const columns = columnsOf(target);
    const turns = await rotations(tensors, target.rows, size, weight);
    const rescale = await rescaleOf(tensors);
    return {
      together: size,
      apply(values, first) {
        for (let at = 0; at < values.length; at += size * columns) {
          const block = values.subarray(at, at + size * columns);
          const row = first + at / columns;
          // The file's matrices multiply from the right of a layer's output.
          const left = turnedBlock(turns, row * size, size);
          block.set(withProducts(size, columns, [{ left, right: block, scale: 1 }], (sum) => sum.set(block)));
        }
        multiplyRows(values, first, columns, rescale);
      },
    };
  },
};

function turnedBlock(turns: Float32Array, at: number, size: number): Float32Array {
  const out = new Float32Array(size * size);
  for (let r = 0; r < size; r++) for (let c = 0; c < size; c++) out[c * size + r] = turns[at + r * size + c];
  return out;
}

/** Why the numbers that outputs are multiplied by are not theirs; BOFT has them, too. */
export const rescaleFault = ({ has, shape }: Header, rows: number) =>
  has('rescale') && sizeOf(shape('rescale')) !== rows ? ({ role: 'rescale' } as const) : undefined;

export const rescaleOf = async (tensors: Tensors): Promise<Float32Array | undefined> =>
  tensors.has('rescale') ? tensors.floats('rescale') : undefined;

/** Multiplies each row, from the first one on, by its number. */
export function multiplyRows(
  values: Float32Array,
  first: number,
  columns: number,
  factors: Float32Array | undefined,
): void {
  if (!factors) return;
  for (let i = 0; i < values.length; i++) values[i] *= factors[first + Math.floor(i / columns)];
}
