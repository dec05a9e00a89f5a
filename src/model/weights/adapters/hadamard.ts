import { rowsAtOnce, withProducts } from '../matrix-product';
import { MAX_RANK } from './low-rank';
import {
  columnsOf,
  type Fault,
  firstMissing,
  type Header,
  type Method,
  sizeOf,
  type Target,
  type Tensors,
} from './method';
import { throughKernel, turned } from './tucker';

/** The two products that are multiplied element by element, by their tensors. */
const HALVES = [
  { a: 'hada_w1_a', b: 'hada_w1_b', kernel: 'hada_t1' },
  { a: 'hada_w2_a', b: 'hada_w2_b', kernel: 'hada_t2' },
] as const;
type Half = (typeof HALVES)[number];

/**
 * LoHa (Hyeon-Woo et al. 2021, FedPara, eq. 3 and 4): W + scale (a1 b1) o (a2 b2), the product element by element. With
 * kernels [rank, rank, h, w] between them, a is [rank, outputs] and b [rank, inputs] (Tucker, proposition 3).
 */
export const hadamard: Method = {
  name: 'LoHa',
  of: 'weight',
  is: ({ has }) => HALVES.some(({ a, b, kernel }) => has(a) || has(b) || has(kernel)),
  lacks: (header) =>
    firstMissing(header, ['hada_w1_a', 'hada_w1_b', 'hada_w2_a', 'hada_w2_b']) ??
    (header.has('hada_t1') !== header.has('hada_t2') ? firstMissing(header, ['hada_t1', 'hada_t2']) : undefined),
  inputs: ({ has, shape }) => (has('hada_t1') ? undefined : shape('hada_w1_b')[1]),
  fault: (header, target) => HALVES.map((half) => halfFault(header, half, target)).find((fault) => fault !== undefined),
  async change(tensors, target, weight) {
    const columns = columnsOf(target);
    const step = rowsAtOnce(columns);
    const scale = weight * (await tensors.scale(tensors.shape('hada_w1_b')[0]));
    const [one, two] = await Promise.all(HALVES.map((half) => matricesOf(tensors, half)));
    /** Rows of one of the products, in memory that the next call uses again. */
    const rowsOf = ({ left, right }: typeof one, row: number, count: number) => {
      const rank = left.length / target.rows;
      const own = { left: left.subarray(row * rank, (row + count) * rank), right, scale: 1 };
      return withProducts(count, columns, [own], (sum) => sum.fill(0));
    };
    return {
      together: 1,
      apply(values, first) {
        for (let at = 0; at < values.length; at += step * columns) {
          const band = values.subarray(at, at + step * columns);
          const [count, row] = [band.length / columns, first + at / columns];
          const product = rowsOf(one, row, count).slice();
          const other = rowsOf(two, row, count);
          for (let i = 0; i < band.length; i++) band[i] += scale * product[i] * other[i];
        }
      },
    };
  },
};

async function matricesOf(tensors: Tensors, { a, b, kernel }: Half) {
  const [left, right] = [await tensors.floats(a), await tensors.floats(b)];
  if (!tensors.has(kernel)) return { left, right };
  const [outer, rank] = tensors.shape(kernel);
  return { left: turned(left, outer), right: throughKernel(await tensors.floats(kernel), right, outer, rank) };
}

function halfFault({ has, shape }: Header, { a, b, kernel }: Half, target: Target): Fault | undefined {
  const rank = shape(b)[0] ?? 0;
  if (rank < 1 || rank > MAX_RANK) return { role: b };
  const [outer = 0, inner, ...pixels] = shape(kernel);
  if (has(kernel) && (outer < 1 || outer > MAX_RANK || sizeOf(pixels) !== target.pixels)) return { role: kernel };
  if (has(kernel) && inner !== rank) return { role: kernel, other: b };
  const columns = has(kernel) ? target.inputs : columnsOf(target);
  if (sizeOf(shape(b)) !== rank * columns) return { role: b };
  if (sizeOf(shape(a)) === target.rows * (has(kernel) ? outer : rank)) return undefined;
  return shape(a).includes(target.rows) ? { role: a, other: b } : { role: a };
}
