import {
  betasFrom,
  cosineBetas,
  cumulativeAlphas,
  geodiffSigmoidBetas,
  linearBetas,
  scaledByStepsBetas,
  scaledLinearBetas,
  sigmaTable,
  sigmoidBetas,
  type TerminalSnr,
  zeroTerminalSnr,
} from '../../core/diffusion/noise-schedules';
import { type NoiseKind, seededNormal } from '../../core/random';
import { formula } from './formula';
import { type Checker, type Comparison, type GoldenCase, numbers } from './golden';

interface ScheduleParams {
  kind: string;
  beta_start?: number | string;
  beta_end?: number | string;
  start?: number;
  end?: number;
  tau?: number;
  s?: number;
  max_beta?: number;
  beta_clip?: [number, number];
  rescale_zero_terminal_snr?: boolean;
  rescale?: string;
  note?: string;
}

/** A number, or the last factor of a product such as "1000/T*0.02". */
function lastFactor(value: number | string | undefined): number {
  return Number(String(value).split('*').pop());
}

function betasOf(p: ScheduleParams, steps: number): Float64Array {
  const [start, end] = [lastFactor(p.beta_start), lastFactor(p.beta_end)];
  const cap = p.max_beta ?? p.beta_clip?.[1];
  switch (p.kind) {
    case 'linear':
      return linearBetas(start, end, steps);
    case 'linear_scaled_by_T':
      return scaledByStepsBetas(steps, start, end);
    case 'scaled_linear':
      return scaledLinearBetas(start, end, steps);
    case 'cosine':
    case 'squaredcos_cap_v2':
      return cosineBetas(steps, p.s, cap);
    case 'sigmoid':
      return sigmoidBetas(steps, p.start, p.end, p.tau, cap);
    case 'geodiff_sigmoid':
      return geodiffSigmoidBetas(start, end, steps);
    default:
      throw new RangeError(`Schedule "${p.kind}" is not known.`);
  }
}

/** Which number ends a rescaled schedule: the goldens say it in words. */
function terminalOf({ rescale, note, rescale_zero_terminal_snr }: ScheduleParams): TerminalSnr | undefined {
  if (rescale?.startsWith('A1111')) return 'a1111';
  if (!rescale_zero_terminal_snr) return undefined;
  return note?.includes('2^-24') ? 'diffusers' : 'exact';
}

const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0);

/** a_noise_schedules.json: whole training schedules, at chosen steps and summed. */
export const checkNoiseSchedule: Checker = (golden) => {
  const params = golden.params as ScheduleParams;
  const trained = betasOf(params, Number(golden.T));
  const terminal = terminalOf(params);
  const straight = cumulativeAlphas(trained);
  const { alphasCumprod, sigmas } = sigmaTable(terminal ? zeroTerminalSnr(straight, terminal) : straight);
  const betas = terminal ? betasFrom(alphasCumprod) : trained;
  const at = (values: Float64Array) => numbers(golden.indices).map((i) => values[i]);
  const fields: Record<string, ArrayLike<number> | number> = {
    betas: at(betas),
    alphas_cumprod: at(alphasCumprod),
    sigmas: at(sigmas),
    sum_betas: sum(betas),
    sum_alphas_cumprod: sum(alphasCumprod),
    sum_log_sigmas_finite: sum(sigmas.filter(Number.isFinite).map(Math.log)),
  };
  return Object.keys(fields)
    .filter((field) => field in golden)
    .map((field) => formula(field, fields[field], golden[field]));
};

interface NoiseRun {
  seed: number;
  shape: number[];
  draws: NoiseDraw[];
}

interface NoiseDraw {
  n: number;
  head: number[];
  mid: number[];
  tail: number[];
  sum: number;
  sum_sq: number;
}

/** a_normal_noise.json, which has a layout of its own: a section a generator, each run one generator drawn from several times. */
export interface NoiseFile {
  torch_cpu: NoiseRun[];
  philox: NoiseRun[];
}

/** Its runs as cases: "torch_cpu/seed42/1x4x8x8". */
export function noiseCases(file: NoiseFile): GoldenCase[] {
  return (['torch_cpu', 'philox'] as const).flatMap((fn) =>
    file[fn].map((run) => ({ id: `${fn}/seed${run.seed}/${run.shape.join('x')}`, fn, ...run })),
  );
}

/** float32 numbers that took another way through sine and logarithm: 2e-6 apart at most (the goldens' README). */
const FLOAT32_APART = 2e-6;

/** The same numbers to an absolute tolerance. */
function within(
  field: string,
  actual: ArrayLike<number> | number,
  expected: number[] | number,
  apart: number,
): Comparison {
  const size = Math.max(...numbers(expected).map(Math.abs));
  return formula(field, actual, expected, apart / size);
}

/** One run of a_normal_noise.json: ends and middle of each draw, and sums over all of it, whose differences add up at random. */
export const checkNormalNoise: Checker = (golden) => {
  const { seed, draws, fn } = golden as unknown as NoiseRun & { fn: keyof NoiseFile };
  const kinds: Record<keyof NoiseFile, NoiseKind> = { torch_cpu: 'cpu', philox: 'nv' };
  const draw = seededNormal(seed, kinds[fn]);
  return draws.flatMap((expected, k) => {
    const drawn = Float64Array.from(draw(expected.n));
    const from = (start: number, like: number[]) => drawn.subarray(start, start + like.length);
    const middle = Math.floor(expected.n / 2);
    const sums = FLOAT32_APART * Math.sqrt(expected.n);
    return [
      within(`draw ${k} head`, from(0, expected.head), expected.head, FLOAT32_APART),
      within(`draw ${k} mid`, from(middle, expected.mid), expected.mid, FLOAT32_APART),
      within(`draw ${k} tail`, from(expected.n - expected.tail.length, expected.tail), expected.tail, FLOAT32_APART),
      within(`draw ${k} sum`, sum(drawn), expected.sum, sums),
      within(`draw ${k} sum_sq`, sum(drawn.map((x) => x * x)), expected.sum_sq, 2 * sums),
    ];
  });
};
