import { type Product, rowsAtOnce, withProducts } from '../matrix-product';
import {
  type Change,
  columnsOf,
  type Fault,
  firstMissing,
  type Header,
  type Method,
  sizeOf,
  type Target,
} from './method';
import { throughKernel } from './tucker';

/** Usual ranks are 4 to 128; memory grows with it where a kernel stands between the factors. */
export const MAX_RANK = 4096;

/**
 * LoRA (Hu et al. 2021, eq. 3): W + scale up down. LoCon does the same for convolutions, whose `down` is a kernel of
 * its own; with `mid` [rank, rank, h, w] both factors are 1x1 and the kernel stands between them (Tucker). Whether a
 * LoRA is rank-stabilised (Kalajdzievski 2023, alpha / sqrt(rank)) is told by its scale.
 */
export const lowRank: Method = {
  name: 'LoRA',
  of: 'weight',
  is: ({ has }) => has('up') || has('down') || has('mid'),
  lacks: (header) => firstMissing(header, ['down', 'up']),
  inputs: ({ shape }) => shape('down')[1],
  fault(header, target) {
    const { has, shape } = header;
    const rank = shape('down')[0] ?? 0;
    if (rank < 1 || rank > MAX_RANK) return { role: 'down' };
    if (has('mid')) return kernelFault(header, target);
    if (sizeOf(shape('down')) !== rank * columnsOf(target)) return { role: 'down' };
    return upFault(header, rank, target);
  },
  async change(tensors, target, weight) {
    const [rank, inner] = [tensors.shape('down')[0], tensors.shape('mid')];
    const [left, down] = [await tensors.floats('up'), await tensors.floats('down')];
    const right = tensors.has('mid') ? throughKernel(await tensors.floats('mid'), down, inner[0], rank) : down;
    return added({ left, right, scale: weight * (await tensors.scale(rank)) }, target);
  },
};

/** With a kernel between the factors. */
function kernelFault(header: Header, target: Target): Fault | undefined {
  const { shape } = header;
  const [outer = 0, rank, ...kernel] = shape('mid');
  if (outer < 1 || outer > MAX_RANK || sizeOf(kernel) !== target.pixels) return { role: 'mid' };
  if (rank !== shape('down')[0]) return { role: 'mid', other: 'down' };
  if (sizeOf(shape('down')) !== rank * target.inputs) return { role: 'down' };
  return upFault(header, outer, target);
}

function upFault({ shape }: Header, rank: number, { rows }: Target): Fault | undefined {
  const up = shape('up');
  if (sizeOf(up) === rows * rank) return undefined;
  return up[0] === rows ? { role: 'up', other: 'down' } : { role: 'up' };
}

/** W + scale left right, as many rows at a time as a processor keeps near. */
function added({ left, ...rest }: Product, target: Target): Change {
  const columns = columnsOf(target);
  const step = rowsAtOnce(columns);
  const rank = left.length / target.rows;
  const products = (first: number, count: number) => [
    { ...rest, left: left.subarray(first * rank, (first + count) * rank) },
  ];
  return {
    together: 1,
    products,
    apply(values, first) {
      for (let at = 0; at < values.length; at += step * columns) {
        const band = values.subarray(at, at + step * columns);
        const own = products(first + at / columns, band.length / columns);
        band.set(withProducts(band.length / columns, columns, own, (sum) => sum.set(band)));
      }
    },
  };
}
