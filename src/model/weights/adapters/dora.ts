import { type Change, columnsOf, type Fault, type Header, sizeOf, type Target, type Tensors } from './method';

/** float32's: LyCORIS adds it to every norm, so that a row of zeros stays one. */
const EPSILON = 2 ** -23;

/**
 * DoRA (Liu et al. 2024, eq. 5): the changed weight V = W + dW has its direction kept and its norms replaced by learnt
 * magnitudes, m V / |V|, over each output or each input. `dora_scale` is LyCORIS': at a weight other than 1 the factor
 * m / |V| is mixed with 1, and dW stays whole. `magnitude` is PEFT's: there the weight scales dW.
 * @param change dW added, at a weight
 */
export async function decomposed(
  tensors: Tensors,
  target: Target,
  weight: number,
  change: (weight: number) => Promise<Change>,
): Promise<Change> {
  const own = magnitudesOf(tensors);
  if (!own) return change(weight);
  const isLycoris = own === 'dora_scale';
  const inner = await change(isLycoris ? 1 : weight);
  const magnitudes = await tensors.floats(own);
  const share = isLycoris ? weight : 1;
  const factorOf = (magnitude: number, squares: number) => 1 + share * (magnitude / (Math.sqrt(squares) + EPSILON) - 1);
  const byInput = isByInput(tensors, own, target);
  return {
    together: byInput ? target.rows : inner.together,
    async apply(values, first) {
      await inner.apply(values, first);
      if (byInput) scaleInputs(values, target, (input, squares) => factorOf(magnitudes[input], squares));
      else scaleOutputs(values, columnsOf(target), (row, squares) => factorOf(magnitudes[first + row], squares));
    },
  };
}

/** Why magnitudes are not those of a weight. */
export function magnitudeFault(header: Header, target: Target): Fault | undefined {
  const role = magnitudesOf(header);
  if (!role) return undefined;
  const fits = sizeOf(header.shape(role)) === (isByInput(header, role, target) ? target.inputs : target.rows);
  return fits ? undefined : { role };
}

type Magnitudes = 'dora_scale' | 'magnitude';

const magnitudesOf = ({ has }: Header): Magnitudes | undefined =>
  (['dora_scale', 'magnitude'] as const).find((role) => has(role));

/** LyCORIS' magnitudes of inputs are [1, inputs, 1, 1], of outputs [outputs, 1, 1, 1]; PEFT's are of outputs. */
function isByInput({ shape }: Header, role: Magnitudes, { rows }: Target): boolean {
  const own = shape(role);
  return role === 'dora_scale' && own.length > 1 && own[0] === 1 && rows !== 1;
}

function scaleOutputs(values: Float32Array, columns: number, factor: (row: number, squares: number) => number): void {
  for (let at = 0; at < values.length; at += columns) {
    let squares = 0;
    for (let i = at; i < at + columns; i++) squares += values[i] * values[i];
    const by = factor(at / columns, squares);
    for (let i = at; i < at + columns; i++) values[i] *= by;
  }
}

function scaleInputs(
  values: Float32Array,
  { inputs, pixels }: Target,
  factor: (input: number, squares: number) => number,
): void {
  const squares = new Float64Array(inputs);
  const inputAt = (i: number) => Math.floor(i / pixels) % inputs;
  for (let i = 0; i < values.length; i++) squares[inputAt(i)] += values[i] * values[i];
  const by = squares.map((sum, input) => factor(input, sum));
  for (let i = 0; i < values.length; i++) values[i] *= by[inputAt(i)];
}
