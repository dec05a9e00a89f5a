import { withProducts } from '../matrix-product';
import type { Role } from './keys';
import { MAX_RANK } from './low-rank';
import { columnsOf, type Fault, firstMissing, type Header, type Method, sizeOf, type Tensors } from './method';
import { throughKernel, turned } from './tucker';

/** A factor of the Kronecker product: whole, or itself a product, with a kernel in its middle where it has one. */
interface Side {
  whole: Role;
  a: Role;
  b: Role;
  kernel?: Role;
}
const FIRST: Side = { whole: 'lokr_w1', a: 'lokr_w1_a', b: 'lokr_w1_b' };
const SECOND: Side = { whole: 'lokr_w2', a: 'lokr_w2_a', b: 'lokr_w2_b', kernel: 'lokr_t2' };

/**
 * LoKr (Yeh et al. 2023, LyCORIS, section 3.2): W + scale w1 (x) w2, the Kronecker product, of w1 [u, v] and w2
 * [outputs / u, inputs / v (, h, w)]. Each may be a product a b of low rank, the second also with a kernel between
 * (Tucker). Where both are whole nothing is scaled.
 */
export const kronecker: Method = {
  name: 'LoKr',
  of: 'weight',
  is: ({ has }) => [FIRST, SECOND].some((side) => rolesOf(side).some(has)),
  lacks: (header) => sideLacks(header, FIRST) ?? sideLacks(header, SECOND),
  inputs: (header) => widthOf(header, FIRST) * widthOf(header, SECOND),
  fault(header, { rows, inputs, pixels }) {
    const { has, shape } = header;
    const fault = productFault(header, FIRST) ?? productFault(header, SECOND);
    if (fault) return fault;
    const [one, two] = [FIRST, SECOND].map((side) => ({
      height: heightOf(header, side),
      width: widthOf(header, side),
    }));
    const second = has('lokr_w2') ? 'lokr_w2' : 'lokr_w2_b';
    if (one.height * two.height !== rows) return { role: has('lokr_w2') ? 'lokr_w2' : 'lokr_w2_a' };
    // A kernel is told flat (`lokr_w2_b` [rank, inputs h w]) or as one.
    const flat = has('lokr_t2')
      ? two.width * sizeOf(shape('lokr_t2').slice(2))
      : sizeOf(shape(second)) / (shape(second)[0] || 1);
    return one.width * flat === inputs * pixels && flat % pixels === 0 ? undefined : { role: second };
  },
  async change(tensors, target, weight) {
    const scale = weight * (await scaleOf(tensors));
    const [one, two] = [await matrixOf(tensors, FIRST), await matrixOf(tensors, SECOND)];
    const height = heightOf(tensors, SECOND);
    const [width, columns] = [two.length / height, columnsOf(target)];
    const across = columns / width;
    return {
      together: 1,
      apply(values, first) {
        for (let row = first, at = 0; at < values.length; row++) {
          const [u, own] = [Math.floor(row / height) * across, (row % height) * width];
          for (let v = 0; v < across; v++) {
            const factor = scale * one[u + v];
            for (let i = 0; i < width; i++) values[at++] += factor * two[own + i];
          }
        }
      },
    };
  },
};

const rolesOf = ({ whole, a, b, kernel }: Side): Role[] => [whole, a, b, ...(kernel ? [kernel] : [])];

const hasKernel = ({ has }: Header, { kernel }: Side): boolean => kernel !== undefined && has(kernel);

function sideLacks(header: Header, { whole, a, b }: Side): Role | undefined {
  if (header.has(whole)) return undefined;
  return header.has(a) || header.has(b) ? firstMissing(header, [a, b]) : whole;
}

/** Rows of a factor; a [rank, rows] where a kernel follows it, [rows, rank] else. */
function heightOf(header: Header, side: Side): number {
  if (header.has(side.whole)) return header.shape(side.whole)[0] ?? 0;
  return header.shape(side.a)[hasKernel(header, side) ? 1 : 0] ?? 0;
}

/** Columns of a factor, for the second one of a linear layer. */
const widthOf = ({ has, shape }: Header, { whole, b }: Side): number => shape(has(whole) ? whole : b)[1] ?? 0;

function productFault(header: Header, side: Side): Fault | undefined {
  const { has, shape } = header;
  const { whole, a, b, kernel } = side;
  if (has(whole)) return sizeOf(shape(whole)) > 0 ? undefined : { role: whole };
  const rank = shape(b)[0] ?? 0;
  if (rank < 1 || rank > MAX_RANK || sizeOf(shape(b)) === 0) return { role: b };
  if (!kernel || !has(kernel))
    return sizeOf(shape(a)) === heightOf(header, side) * rank ? undefined : { role: a, other: b };
  const [outer = 0, inner] = shape(kernel);
  if (outer < 1 || outer > MAX_RANK || sizeOf(shape(kernel)) === 0) return { role: kernel };
  if (inner !== rank) return { role: kernel, other: b };
  return shape(a)[0] === outer && shape(a).length === 2 ? undefined : { role: a, other: kernel };
}

async function matrixOf(tensors: Tensors, side: Side): Promise<Float32Array> {
  const { whole, a, b, kernel } = side;
  if (tensors.has(whole)) return tensors.floats(whole);
  let [left, right] = [await tensors.floats(a), await tensors.floats(b)];
  if (kernel && tensors.has(kernel)) {
    const [outer, rank] = tensors.shape(kernel);
    left = turned(left, outer);
    right = throughKernel(await tensors.floats(kernel), right, outer, rank);
  }
  const rows = heightOf(tensors, side);
  const columns = right.length / (left.length / rows);
  return withProducts(rows, columns, [{ left, right, scale: 1 }], (sum) => sum.fill(0)).slice();
}

/** alpha / rank, of the first factor's rank where that is a product, else of the second's. */
async function scaleOf(tensors: Tensors): Promise<number> {
  const product = [FIRST, SECOND].find(({ whole }) => !tensors.has(whole));
  return product ? tensors.scale(tensors.shape(product.b)[0]) : 1;
}
