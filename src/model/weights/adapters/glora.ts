import { rowsAtOnce, withProducts } from '../matrix-product';
import { MAX_RANK } from './low-rank';
import { columnsOf, type Fault, firstMissing, type Header, type Method, sizeOf, type Target } from './method';
import { turned } from './tucker';

/**
 * GLoRA (Chavan et al. 2023, eq. 5, without its support tensors): W + scale (W a1 a2 + b1 b2), where a1 [inputs, rank],
 * a2 [rank, inputs] mix a kernel's inputs, and b1 [outputs, rank], b2 [rank, inputs (, h, w)] are a LoRA's factors.
 * LyCORIS' first version called each pair's first factor the second, which their shapes tell.
 */
export const glora: Method = {
  name: 'GLoRA',
  of: 'weight',
  is: ({ has }) => has('a1') || has('a2') || has('b1') || has('b2'),
  lacks: (header) => firstMissing(header, ['a1', 'a2', 'b1', 'b2']),
  inputs: ({ shape }) => shape('a1')[0],
  fault(header, target) {
    if (header.has('bm')) return { role: 'bm' };
    const fault = orderFault(header, NEW, target);
    return fault && orderFault(header, OLD, target) ? fault : undefined;
  },
  async change(tensors, target, weight) {
    const order = orderFault(tensors, NEW, target) ? OLD : NEW;
    const [a1, a2, b1, b2] = await Promise.all(order.map((role) => tensors.floats(role)));
    const rank = a1.length / target.inputs;
    const scale = weight * (await tensors.scale(rank));
    const step = rowsAtOnce(columnsOf(target));
    return {
      together: 1,
      apply(values, first) {
        const columns = columnsOf(target);
        for (let at = 0; at < values.length; at += step * columns) {
          const band = values.subarray(at, at + step * columns);
          const [count, row] = [band.length / columns, first + at / columns];
          const mixed = inputsMixed(band, a1, a2, target);
          const own = { left: b1.subarray(row * rank, (row + count) * rank), right: b2, scale };
          band.set(withProducts(count, columns, [own], (sum) => sum.set(band)));
          for (let i = 0; i < band.length; i++) band[i] += scale * mixed[i];
        }
      },
    };
  },
};

const NEW = ['a1', 'a2', 'b1', 'b2'] as const;
const OLD = ['a2', 'a1', 'b2', 'b1'] as const;

function orderFault({ shape }: Header, [a1, a2, b1, b2]: typeof NEW | typeof OLD, target: Target): Fault | undefined {
  const rank = shape(a2)[0] ?? 0;
  if (rank < 1 || rank > MAX_RANK || sizeOf(shape(a2)) !== rank * target.inputs) return { role: a2 };
  if (shape(a1)[0] !== target.inputs) return { role: a1 };
  if (sizeOf(shape(a1)) !== rank * target.inputs) return { role: a1, other: a2 };
  if (shape(b1)[0] !== target.rows) return { role: b1 };
  if (sizeOf(shape(b1)) !== rank * target.rows) return { role: b1, other: a2 };
  return sizeOf(shape(b2)) === rank * columnsOf(target) ? undefined : { role: b2 };
}

/** W a1 a2 of rows of a weight: for a kernel, its inputs are mixed at each pixel alike. */
function inputsMixed(rows: Float32Array, a1: Float32Array, a2: Float32Array, { inputs, pixels }: Target): Float32Array {
  const count = rows.length / inputs;
  const rank = a1.length / inputs;
  const byPixel = pixels === 1 ? rows : eachTurned(rows, inputs, pixels);
  const zero = (sum: Float32Array) => void sum.fill(0);
  const left = withProducts(count, rank, [{ left: byPixel, right: a1, scale: 1 }], zero).slice();
  const mixed = withProducts(count, inputs, [{ left, right: a2, scale: 1 }], zero);
  return pixels === 1 ? mixed.slice() : eachTurned(mixed, pixels, inputs);
}

/** Matrices [rows, columns] one after another, each turned over. */
function eachTurned(values: Float32Array, rows: number, columns: number): Float32Array {
  const out = new Float32Array(values.length);
  for (let at = 0; at < values.length; at += rows * columns)
    out.set(turned(values.subarray(at, at + rows * columns), rows), at);
  return out;
}
