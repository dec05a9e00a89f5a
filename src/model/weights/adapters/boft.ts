import { withProducts } from '../matrix-product';
import { columnsOf, type Method } from './method';
import { multiplyRows, rescaleFault, rescaleOf } from './oft';
import { rotations } from './rotations';

/**
 * BOFT (Liu et al. 2023, eq. 4) as LyCORIS has it: OFT's rotations in several stages [stages, blocks, size, size],
 * whose blocks take outputs ever further apart, as the butterflies of a fast Fourier transform do. A weight other than
 * 1 mixes each stage's R with I.
 */
export const boft: Method = {
  name: 'BOFT',
  of: 'weight',
  is: ({ has, shape }) => has('oft_blocks') && shape('oft_blocks').length === 4,
  lacks: () => undefined,
  fault(header, { rows }) {
    const [stages, count, size, other] = header.shape('oft_blocks');
    const isButterfly =
      size === other && size % 2 === 0 && count * size === rows && rows % (2 ** (stages - 1) * size) === 0;
    return stages > 0 && isButterfly ? rescaleFault(header, rows) : { role: 'oft_blocks' };
  },
  async change(tensors, target, weight) {
    const [stages, count, size] = tensors.shape('oft_blocks');
    const columns = columnsOf(target);
    const turns = await rotations(tensors, target.rows, size, weight);
    const rescale = await rescaleOf(tensors);
    const block = new Float32Array(size * columns);
    return {
      together: target.rows,
      apply(values) {
        for (let stage = 0; stage < stages; stage++) {
          const half = (2 ** stage * size) / 2;
          for (let b = 0; b < count; b++) {
            const rows = Array.from({ length: size }, (_, i) => butterflyRow(b * size + i, half) * columns);
            for (const [i, row] of rows.entries()) block.set(values.subarray(row, row + columns), i * columns);
            const left = turns.subarray((stage * count + b) * size * size, (stage * count + b + 1) * size * size);
            const sum = withProducts(size, columns, [{ left, right: block, scale: 1 }], (out) => out.set(block));
            for (const [i, row] of rows.entries()) values.set(sum.subarray(i * columns, (i + 1) * columns), row);
          }
        }
        multiplyRows(values, 0, columns, rescale);
      },
    };
  },
};

/** Which output stands at a place of a stage's order: of each two halves, one's after the other's, in turns. */
function butterflyRow(place: number, half: number): number {
  const [pair, side] = [Math.floor(place / 2), place % 2];
  return Math.floor(pair / half) * 2 * half + side * half + (pair % half);
}
