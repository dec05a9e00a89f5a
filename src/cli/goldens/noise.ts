import {
  betasFrom,
  cumulativeAlphas,
  sigmaTable,
  type TerminalSnr,
  zeroTerminalSnr,
} from '../../core/diffusion/noise-schedules';
import { type NoiseKind, seededNormal } from '../../core/random';
import { type BetaSpec, formula, goldenBetas } from './formula';
import { type Checker, type Comparison, FORMULA_TOLERANCE, type GoldenCase, numbers } from './golden';

interface ScheduleParams extends BetaSpec {
  rescale_zero_terminal_snr?: boolean;
  rescale?: string;
  note?: string;
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
  const trained = goldenBetas(params, Number(golden.T));
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
  // Logarithms of both signs may all but cancel; their sum is known to the tolerance of what was added.
  const logSize = sum(sigmas.filter(Number.isFinite).map((sigma) => Math.abs(Math.log(sigma))));
  const tolerances: Record<string, number> = {
    sum_log_sigmas_finite: (FORMULA_TOLERANCE * logSize) / Math.abs(Number(golden.sum_log_sigmas_finite)),
  };
  return Object.keys(fields)
    .filter((field) => field in golden)
    .map((field) => formula(field, fields[field], golden[field], tolerances[field]));
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

/**
 * a_normal_noise.json, which has a layout of its own: a section a generator, each run one generator drawn from several
 * times.
 */
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

/**
 * One run of a_normal_noise.json: ends and middle of each draw, and sums over all of it, whose differences add up at
 * random.
 */
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
