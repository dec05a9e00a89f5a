import { groupThreads, type Tiling } from './tiling';

/**
 * A matrix product C = A B that a shader of onnxruntime's computes; all matrices are read and written in vectors of
 * four.
 */
export interface Product {
  /** Bindings and uniforms, exactly as onnxruntime declares them. */
  readonly declarations: string;
  /** Of the matrices in memory. Sums are float32 in any case, see `sourceOf`. */
  readonly half: boolean;
  /** WGSL expressions of u32: rows and columns / 4 of C, and the inner dimension. */
  readonly rows: string;
  readonly columns4: string;
  readonly inner: string;
  /** The left matrix's way through memory. */
  readonly left: LeftOperand;
  /** A vector of B: WGSL of the row (inner dimension) and the column / 4. */
  right(inner: string, column4: string): string;
  /** The statements that write a vec4<f32> of C, what is added to it included. */
  write(row: string, column4: string, value: string): string;
}

/** How one thread reads its share of A: always the same places along the depth of a slice, in several rows. */
export interface LeftOperand {
  /** Before a tile: state of its own for row `row`, number `slot` of the thread. */
  prepareRow(slot: number, row: string): string;
  /** Before a tile: state along the inner dimension, which begins at `inner4` (in vectors of four). */
  prepareInner(inner4: string): string;
  /**
   * Assigns the vector of that row at the present place along the inner dimension to `target`; zero beyond the matrix.
   */
  read(slot: number, target: string): string;
  /** Moves on by `by4` vectors along the inner dimension. */
  advance(by4: number): string;
}

const times = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join('\n');

/**
 * The shader that computes a product with a tiling (the picture is in tiling.ts). A workgroup walks over tiles, so that
 * any number of workgroups computes all of C.
 *
 * Float16 matrices are multiplied in float16 and summed up so over one slice, 32 products, which has the rate of
 * float16; the slices' sums are added up in float32. So the error is that of a sum of 32, however long the inner
 * dimension is (onnxruntime's kernels sum all of it in float16: up to 23,040 products in Stable Diffusion 1.5).
 */
export function sourceOf(product: Product, tiling: Tiling): string {
  const { rows, depth, threadRows, groups } = tiling;
  const { threads, columns4, depth4, rightReads } = sharesOf(tiling);
  const slices = (type: string) => (groups === 1 ? type : `array<${type}, ${groups}>`);
  return `${product.half ? 'enable f16;' : ''}
${product.declarations}
alias Vector = vec4<${product.half ? 'f16' : 'f32'}>;
var<workgroup> slicesA: ${slices(`array<array<Vector, ${depth4}>, ${rows}>`)};
var<workgroup> slicesB: ${slices(`array<array<Vector, ${columns4}>, ${depth}>`)};
${groups > 1 ? `var<workgroup> others: array<array<vec4<f32>, ${threads}>, ${threadRows}>;` : ''}

@compute @workgroup_size(${threads * groups})
fn main(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) workgroup: vec3<u32>, @builtin(num_workgroups) workgroups: vec3<u32>) {
  let group = local / ${threads}u;
  let thread = local % ${threads}u;
  let threadColumn = thread % ${columns4}u;
  let threadRow = thread / ${columns4}u;
  let leftPlace = thread % ${depth4}u;
  let rightColumn = thread % ${columns4}u;
  ${times(rightReads, (slot) => `let rightRow${slot} = (thread + ${slot * threads}u) / ${columns4}u;`)}
  let tilesAcross = (${product.columns4} + ${columns4 - 1}u) / ${columns4}u;
  let tiles = tilesAcross * ((${product.rows} + ${rows - 1}u) / ${rows}u);
  let turns = (${product.inner} + ${depth * groups - 1}u) / ${depth * groups}u;
${tileLoop(product, tiling)}}
`;
}

/** How a workgroup's threads share a tile. */
function sharesOf(tiling: Tiling) {
  const { rows, columns, depth, threadRows, groups } = tiling;
  const threads = groupThreads(tiling);
  const [columns4, depth4] = [columns / 4, depth / 4];
  return {
    threads,
    columns4,
    depth4,
    /** Vectors of a slice that each thread reads. */
    leftReads: (rows * depth4) / threads,
    rightReads: (depth * columns4) / threads,
    ofGroup: (name: string) => (groups === 1 ? name : `${name}[group]`),
    // A thread's rows lie apart, so that neighbours read neighbouring places of workgroup memory.
    threadRow: (i: number) => `threadRow + ${i * (rows / threadRows)}u`,
    /** A line for each vector that a thread computes: one a row. */
    eachSum: (line: (row: number) => string) => times(threadRows, line),
  };
}

/** The statements that compute tile after tile. */
function tileLoop(product: Product, tiling: Tiling): string {
  const { rows, depth, groups } = tiling;
  const { threads, columns4, depth4, leftReads, rightReads, ofGroup, threadRow, eachSum } = sharesOf(tiling);
  return `  for (var tile = workgroup.x; tile < tiles; tile += workgroups.x) {
    let row = (tile / tilesAcross) * ${rows}u;
    let column4 = (tile % tilesAcross) * ${columns4}u;
    ${times(leftReads, (slot) => product.left.prepareRow(slot, `row + (thread + ${slot * threads}u) / ${depth4}u`))}
    var inner = group * ${depth}u;
    ${product.left.prepareInner(`group * ${depth4}u + leftPlace`)}
    ${eachSum((i) => `var sum${i} = vec4<f32>(0);`)}
    for (var turn = 0u; turn < turns; turn++) {
      ${times(leftReads, (slot) => `var left${slot} = Vector(0);`)}
      ${readSlices(product, tiling)}
      workgroupBarrier();
      ${times(leftReads, (slot) => `${ofGroup('slicesA')}[(thread + ${slot * threads}u) / ${depth4}u][leftPlace] = left${slot};`)}
      ${times(rightReads, (slot) => `${ofGroup('slicesB')}[rightRow${slot}][rightColumn] = right${slot};`)}
      workgroupBarrier();
      ${product.half ? eachSum((i) => `var part${i} = Vector(0);`) : ''}
      ${multiplySlices(product, tiling)}
      ${product.half ? eachSum((i) => `sum${i} += vec4<f32>(part${i});`) : ''}
      inner += ${depth * groups}u;
      ${product.left.advance(depth4 * groups)}
    }
    ${addGroups(tiling)}
    if (group == 0u) {
      ${eachSum(
        (i) => `{ let ownRow = row + ${threadRow(i)}; let ownColumn4 = column4 + threadColumn;
        if (ownRow < ${product.rows} && ownColumn4 < ${product.columns4}) { ${product.write('ownRow', 'ownColumn4', `sum${i}`)} } }`,
      )}
    }
  }
`;
}

/** A thread's vectors of both matrices, from memory. */
function readSlices(product: Product, tiling: Tiling): string {
  const { leftReads, rightReads } = sharesOf(tiling);
  return `
    ${times(leftReads, (slot) => product.left.read(slot, `left${slot}`))}
    ${times(
      rightReads,
      (slot) => `var right${slot} = Vector(0);
      if (inner + rightRow${slot} < ${product.inner} && column4 + rightColumn < ${product.columns4}) {
        right${slot} = ${product.right(`(inner + rightRow${slot})`, '(column4 + rightColumn)')};
      }`,
    )}`;
}

/** What two slices add to a thread's sums. */
function multiplySlices(product: Product, tiling: Tiling): string {
  const { depth4, ofGroup, threadRow, eachSum } = sharesOf(tiling);
  const sums = product.half ? 'part' : 'sum';
  return times(
    depth4,
    (k) => `{
      ${times(4, (q) => `let b${q} = ${ofGroup('slicesB')}[${4 * k + q}][threadColumn];`)}
      ${eachSum((i) => `let a${i} = ${ofGroup('slicesA')}[${threadRow(i)}][${k}];`)}
      ${eachSum((i) => {
        const added = ['x', 'y', 'z', 'w'].reduce(
          (so, part, q) => `fma(Vector(a${i}.${part}), b${q}, ${so})`,
          `${sums}${i}`,
        );
        return `${sums}${i} = ${added};`;
      })}
    }`,
  );
}

/** Adds up what the groups of threads have computed, each of a part of the depth. */
function addGroups(tiling: Tiling): string {
  const { eachSum } = sharesOf(tiling);
  return times(
    tiling.groups - 1,
    (other) => `
    workgroupBarrier();
    if (group == ${other + 1}u) { ${eachSum((i) => `others[${i}][thread] = sum${i};`)} }
    workgroupBarrier();
    if (group == 0u) { ${eachSum((i) => `sum${i} += others[${i}][thread];`)} }`,
  );
}
