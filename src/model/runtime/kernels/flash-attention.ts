/**
 * Attention of every query to all keys without a matrix of scores in memory: softmax(Q K^T) V, a tile of keys at a
 * time, by a running maximum and sum (Milakov and Gimelshein 2018, "Online normalizer calculation for softmax"; Dao et
 * al. 2022, "FlashAttention", algorithm 1). For heads of 64 numbers, as SDXL and Stable Diffusion 2.x have them: there
 * onnxruntime's kernel, one thread a query, keeps too much in each thread to be fast.
 *
 *                 tile of keys               D = 64
 *               ┌──────────────┐         ┌──────────────┐
 *   64 queries  │  S = Q K^T   │ softmax │ += P V       │  output of 64 queries, in registers
 *               └──────────────┘         └──────────────┘
 *
 * A workgroup has 64 queries of one head, as onnxruntime dispatches it, and computes both products as
 * `tiled-product.ts` does: a thread has some rows of a column of vectors, operands come from workgroup memory. Keys are
 * turned over on their way there; then their place holds the weights P.
 *
 * In float16 products are summed up sixteen at a time and then in float32, as are maxima, weights and their sums.
 * Weights are exp(score - maximum) / 16, so that sixteen of them times a value never pass the value.
 */
/** Numbers of a head. */
export const HEAD = 64;
/** Queries of a workgroup. */
export const QUERIES = 64;
const THREADS = 128;
const LOWEST = '-3.0e38';

const times = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join('\n');

/** Keys in a tile: as many as the workgroup memory holds. */
const TILES = [64, 32, 16];

/** Bytes of workgroup memory that a tile of so many keys takes. */
export const attentionBytes = (keys: number, half: boolean): number =>
  (QUERIES * (HEAD + 4) + HEAD * (keys + 4) + keys * HEAD) * (half ? 2 : 4) + QUERIES * (keys / 4 + 3) * 4;

/** How a workgroup's threads share both products: rows that each has of one column of vectors. */
interface Shares {
  keys: number;
  keys4: number;
  /** For each row of scores, and of the output, that a thread has, a line of WGSL by its number and its row. */
  eachScore(line: (i: number, row: string) => string): string;
  eachOutput(line: (i: number, row: string) => string): string;
}

function sharesOf(keys: number): Shares {
  const keys4 = keys / 4;
  const rowsOf = (name: string, columns: number) => (line: (i: number, row: string) => string) =>
    times((QUERIES * columns) / THREADS, (i) => line(i, `${name} + ${i * (THREADS / columns)}u`));
  return { keys, keys4, eachScore: rowsOf('scoreRow', keys4), eachOutput: rowsOf('outputRow', HEAD / 4) };
}

/**
 * @param declarations bindings and uniforms, exactly as onnxruntime declares them: q [batch, queries, heads, 64], keys
 * and values [batch, heads, keys, 64], output as q
 * @param heads of a query
 * @param storage bytes of workgroup memory that the device has; at least 16,384
 */
export function flashAttention(declarations: string, half: boolean, heads: number, storage: number): string {
  const shares = sharesOf(TILES.find((count) => attentionBytes(count, half) <= storage) ?? TILES[TILES.length - 1]);
  const { keys, keys4, eachScore, eachOutput } = shares;
  return `${half ? 'enable f16;' : ''}
${declarations}
alias Vector = vec4<${half ? 'f16' : 'f32'}>;
// A vector more a row than is used: so rows begin in different banks.
var<workgroup> queries: array<array<Vector, ${HEAD / 4 + 1}>, ${QUERIES}>;
var<workgroup> keysOrWeights: array<array<Vector, ${keys4 + 1}>, ${HEAD}>;
var<workgroup> values: array<array<Vector, ${HEAD / 4}>, ${keys}>;
var<workgroup> byThread: array<array<f32, ${keys4 + 1}>, ${QUERIES}>;
var<workgroup> largest: array<f32, ${QUERIES}>;
var<workgroup> scale: array<f32, ${QUERIES}>;

@compute @workgroup_size(${THREADS})
fn main(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) id: vec3<u32>, @builtin(num_workgroups) ids: vec3<u32>) {
  let place = (id.z * ids.y + id.y) * ids.x + id.x;
  let stack = place / uniforms.num_seq_tile;
  if (stack >= uniforms.batch_size * ${heads}u) { return; }
  let firstQuery = place % uniforms.num_seq_tile * ${QUERIES}u;
  let firstVector = (stack / ${heads}u * uniforms.new_sequence_length * ${heads}u + stack % ${heads}u) * ${HEAD / 4}u;
  let firstKey = stack / uniforms.n_reps * uniforms.present_sequence_length * ${HEAD / 4}u;
  let count = uniforms.total_sequence_length;
  let scoreColumn = local % ${keys4}u;
  let scoreRow = local / ${keys4}u;
  let outputColumn = local % ${HEAD / 4}u;
  let outputRow = local / ${HEAD / 4}u;
${readQueries(heads)}
  ${eachScore((i) => `var total${i} = 0.0;`)}
  ${eachOutput((i) => `var out${i} = vec4<f32>(0);`)}
  for (var first = 0u; first < count; first += ${keys}u) {
    workgroupBarrier();
${readTile(shares)}
    workgroupBarrier();
${scoreTile(shares)}
${weighTile(shares)}
    workgroupBarrier();
${addTile(shares)}
  }
${writeOutput(shares, heads)}
}
`;
}

/** Queries from memory, times the scale of scores; powers of two follow, so times log2(e) too. */
const readQueries = (
  heads: number,
): string => `  for (var at = local; at < ${(QUERIES * HEAD) / 4}u; at += ${THREADS}u) {
    let row = at / ${HEAD / 4}u;
    var vector = Vector(0);
    if (firstQuery + row < uniforms.new_sequence_length) {
      vector = q[firstVector + (firstQuery + row) * ${(heads * HEAD) / 4}u + at % ${HEAD / 4}u];
    }
    queries[row][at % ${HEAD / 4}u] = Vector(vec4<f32>(vector) * (uniforms.alpha * 1.4426950408889634));
  }
  if (local < ${QUERIES}u) { largest[local] = ${LOWEST}; }`;

/**
 * Keys and values from memory. Four keys' vectors are turned over to four numbers of four keys each; their column is
 * mixed with the row, so that neighbours write into different banks.
 */
function readTile({ keys, keys4 }: Shares): string {
  return `    for (var at = local; at < ${(keys * HEAD) / 16}u; at += ${THREADS}u) {
      let depth4 = at % ${HEAD / 4}u;
      let key4 = at / ${HEAD / 4}u;
      ${times(
        4,
        (j) => `var k${j} = Vector(0);
      if (first + 4u * key4 + ${j}u < count) { k${j} = present_key[firstKey + (first + 4u * key4 + ${j}u) * ${HEAD / 4}u + depth4]; }`,
      )}
      let column = key4 ^ (depth4 & ${keys4 - 1}u);
      ${['x', 'y', 'z', 'w'].map((part, i) => `keysOrWeights[4u * depth4 + ${i}u][column] = Vector(k0.${part}, k1.${part}, k2.${part}, k3.${part});`).join('\n')}
    }
    for (var at = local; at < ${(keys * HEAD) / 4}u; at += ${THREADS}u) {
      let key = at / ${HEAD / 4}u;
      var vector = Vector(0);
      if (first + key < count) { vector = present_value[firstKey + first * ${HEAD / 4}u + at]; }
      values[key][at % ${HEAD / 4}u] = vector;
    }`;
}

/** A row's vector a times the four rows b of the other matrix, added to a sum. */
const multiplied = (sum: string): string =>
  ['x', 'y', 'z', 'w'].reduce((so, part, k) => `fma(Vector(a.${part}), b${k}, ${so})`, sum);

/** S = Q K^T; keys past the last one get the lowest score. */
const scoreTile = ({
  keys,
  keys4,
  eachScore,
}: Shares): string => `    ${eachScore((i) => `var score${i} = vec4<f32>(0);`)}
    for (var part = 0u; part < ${HEAD / 4}u; part += 4u) {
      ${eachScore((i) => `var sum${i} = Vector(0);`)}
      ${times(
        4,
        (j) => `{ let depth4 = part + ${j}u;
        let column = scoreColumn ^ (depth4 & ${keys4 - 1}u);
        ${times(4, (k) => `let b${k} = keysOrWeights[4u * depth4 + ${k}u][column];`)}
        ${eachScore((i, row) => `{ let a = queries[${row}][depth4]; sum${i} = ${multiplied(`sum${i}`)}; }`)} }`,
      )}
      ${eachScore((i) => `score${i} += vec4<f32>(sum${i});`)}
    }
    if (first + ${keys}u > count) {
      let inside = vec4<u32>(first + 4u * scoreColumn) + vec4<u32>(0, 1, 2, 3) < vec4<u32>(count);
      ${eachScore((i) => `score${i} = select(vec4<f32>(${LOWEST}), score${i}, inside);`)}
    }`;

/** P from S by the largest score so far; what was added up by a smaller one is scaled to it. */
const weighTile = ({ keys4, eachScore, eachOutput }: Shares): string => `    ${eachScore(
  (i, row) => `byThread[${row}][scoreColumn] = max(max(score${i}.x, score${i}.y), max(score${i}.z, score${i}.w));`,
)}
    workgroupBarrier();
    if (local < ${QUERIES}u) {
      var next = largest[local];
      for (var column = 0u; column < ${keys4}u; column++) { next = max(next, byThread[local][column]); }
      scale[local] = exp2(largest[local] - next);
      largest[local] = next;
    }
    workgroupBarrier();
    ${eachScore(
      (i, row) => `{ let weights = Vector(exp2(score${i} - largest[${row}] - 4.0));
      keysOrWeights[${row}][scoreColumn] = weights;
      total${i} = total${i} * scale[${row}] + dot(vec4<f32>(weights), vec4<f32>(1)); }`,
    )}
    ${eachOutput((i, row) => `out${i} *= scale[${row}];`)}`;

/** Adds P V. */
const addTile = ({ keys4, eachOutput }: Shares): string => `    for (var part = 0u; part < ${keys4}u; part += 4u) {
      ${eachOutput((i) => `var sum${i} = Vector(0);`)}
      ${times(
        4,
        (j) => `{ let key4 = part + ${j}u;
        ${times(4, (k) => `let b${k} = values[4u * key4 + ${k}u][outputColumn];`)}
        ${eachOutput((i, row) => `{ let a = keysOrWeights[${row}][key4]; sum${i} = ${multiplied(`sum${i}`)}; }`)} }`,
      )}
      ${eachOutput((i) => `out${i} += vec4<f32>(sum${i});`)}
    }`;

/** Divides by the sum of weights, and writes. */
const writeOutput = ({ keys4, eachScore, eachOutput }: Shares, heads: number): string => `  ${eachScore(
  (i, row) => `byThread[${row}][scoreColumn] = total${i};`,
)}
  workgroupBarrier();
  if (local < ${QUERIES}u) {
    var total = 0.0;
    for (var column = 0u; column < ${keys4}u; column++) { total += byThread[local][column]; }
    scale[local] = 1.0 / total;
  }
  workgroupBarrier();
  ${eachOutput(
    (i, row) => `if (firstQuery + ${row} < uniforms.new_sequence_length) {
    output[firstVector + (firstQuery + ${row}) * ${(heads * HEAD) / 4}u + outputColumn] = Vector(out${i} * scale[${row}]);
  }`,
  )}`;
