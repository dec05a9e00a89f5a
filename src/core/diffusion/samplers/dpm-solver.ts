import { accumulate, blend, branchlessMax, combine } from '../../array';
import type { Denoiser, Latent, Sampler, SamplerOptions, StepPosition } from '../types';
import { noiseIn } from './ddim';
import { ancestralSplit } from './run-steps';

const levelOf = (t: number) => Math.exp(-t);

/**
 * DPM-Solver's steps of order 1 to 3 in the noise (Lu et al. 2022a, algorithms 1 and 2), from t to s in t = -log sigma,
 * with the model's calls of the step kept for reuse by another order.
 */
class SolverStep {
  readonly #calls = new Map<string, Promise<Latent>>();
  constructor(
    readonly x: Latent,
    readonly t: number,
    readonly s: number,
    readonly eps: Latent,
    /** The noise that the model sees in x, written over it. */
    readonly model: (x: Latent, t: number) => Promise<Latent>,
  ) {}

  #at(key: string, share: number, u: () => Latent): Promise<Latent> {
    const known = this.#calls.get(key) ?? this.model(u(), this.t + share * (this.s - this.t));
    this.#calls.set(key, known);
    return known;
  }

  /** x moved by the noise to a share of the step; by a later noise, too, for as much as it differs from the first. */
  #moved(share: number, later: Latent = this.eps, weight = 0): Latent {
    const h = this.s - this.t;
    const first = -levelOf(this.t + share * h) * Math.expm1(share * h);
    return weight === 0
      ? combine(1, this.x, first, this.eps)
      : blend(1, this.x, first - weight, this.eps, weight, later);
  }

  first(): Latent {
    return this.#moved(1);
  }

  async second(r1 = 1 / 2): Promise<Latent> {
    const h = this.s - this.t;
    const middle = await this.#at(`r${r1}`, r1, () => this.#moved(r1));
    return this.#moved(1, middle, (-levelOf(this.s) / (2 * r1)) * Math.expm1(h));
  }

  async third(r1 = 1 / 3, r2 = 2 / 3): Promise<Latent> {
    const h = this.s - this.t;
    const bend = (share: number, by: number) => -levelOf(this.t + share * h) * by * (Math.expm1(share * h) / (share * h) - 1); // biome-ignore format: one formula
    const one = await this.#at(`r${r1}`, r1, () => this.#moved(r1));
    const two = await this.#at(`r${r1},${r2}`, r2, () => this.#moved(r2, one, bend(r2, r2 / r1)));
    return this.#moved(1, two, bend(1, 1 / r2));
  }
}

/** Where an ancestral step with eta goes before its noise, not past the end, and the noise that then reaches s. */
function ancestralTarget(t: number, s: number, end: number, eta: number): { target: number; up: number } {
  if (eta === 0) return { target: s, up: 0 };
  const target = Math.min(end, -Math.log(ancestralSplit(levelOf(t), levelOf(s), eta).down));
  return { target, up: Math.sqrt(Math.max(0, levelOf(s) ** 2 - levelOf(target) ** 2)) };
}

/** Where a step from t to s begins: the model's first call, shown to `onStep`, and the solver that makes the others. */
async function solverFrom(
  denoise: Denoiser,
  x: Latent,
  [t, s]: readonly [number, number],
  at: StepPosition,
  onStep: SamplerOptions['onStep'],
): Promise<SolverStep> {
  const { x0 } = await denoise(x, levelOf(t), at);
  await onStep?.({ ...at, sigma: levelOf(t), x, denoised: x0 });
  const model = async (y: Latent, u: number) => noiseIn(y, levelOf(u), (await denoise(y, levelOf(u), at)).x0, y);
  return new SolverStep(x, t, s, noiseIn(x, levelOf(t), x0), model);
}

/**
 * DPM fast (k-diffusion's `sample_dpm_fast`): DPM-Solver steps of order 3, and lower ones at the end, that spend just
 * as many model calls as the list has steps. Only the list's ends count; it stops at its last sigma. With eta, noise is
 * drawn in every step, also where none is added.
 */
export const dpmFast: Sampler = async (denoise, x, sigmas, options) => {
  const { noise, eta = 0, sNoise = 1, onStep, afterStep } = options;
  const calls = sigmas.length - 1;
  const whole = Math.floor(calls / 3) + 1;
  const rest = calls % 3;
  const orders = rest === 0 ? [...Array(whole - 2).fill(3), 2, 1] : [...Array(whole - 1).fill(3), rest];
  const [start, end] = [-Math.log(sigmas[0]), -Math.log(sigmas[calls])];
  for (const [step, order] of orders.entries()) {
    const at = { step, of: orders.length };
    const t = start + ((end - start) * step) / whole;
    const s = step === orders.length - 1 ? end : start + ((end - start) * (step + 1)) / whole;
    const { target, up } = ancestralTarget(t, s, end, eta);
    const solver = await solverFrom(denoise, x, [t, target], at, onStep);
    x = order === 1 ? solver.first() : order === 2 ? await solver.second() : await solver.third();
    if (eta > 0) accumulate(x, up * sNoise, noise(levelOf(t), levelOf(s)));
    if (afterStep) x = afterStep(x, levelOf(s), step === orders.length - 1);
  }
  return x;
};

/** The first step's length in log sigma, and how far the next may shrink for a step to stand (k-diffusion's). */
const FIRST_STEP = 0.05;
const ACCEPTED = 0.81;

/**
 * What a step with this error says of the next one's length, as a factor (the integral part of k-diffusion's PID
 * controller, which is all that it uses by default); the step itself stands where that is not much shorter.
 */
export function stepControl(error: number, order: number): { factor: number; accept: boolean } {
  const inverse = 1 / (error + 1e-8);
  const factor = 1 + Math.atan(inverse ** (1 / order) - 1);
  return { factor, accept: factor >= ACCEPTED };
}

/** Root mean square of the difference, each element relative to its tolerance. */
function stepError(
  low: Latent,
  high: Latent,
  before: Latent,
  { relative, absolute }: NonNullable<SamplerOptions['tolerance']>,
): number {
  const n = low.length;
  let sum = 0;
  for (let i = 0; i < n; i++) {
    const largest = branchlessMax(Math.abs(low[i]), Math.abs(before[i]));
    const off = (low[i] - high[i]) / branchlessMax(absolute, relative * largest);
    sum += off * off;
  }
  return Math.sqrt(sum / n);
}

/** A step's place where their number is not known: by the share of the way in log sigma. */
export function reached(step: number, share: number): StepPosition {
  return { step, of: Math.max(step + 1, Math.round((step + 1) / Math.max(share, 1e-3))) };
}

/**
 * DPM adaptive (k-diffusion's `sample_dpm_adaptive`): DPM-Solver-12 or -23 with error control, from the list's first
 * sigma to its last; what lies between does not count.
 */
export const dpmAdaptive: Sampler = async (denoise, x, sigmas, options) => {
  const { noise, eta = 0, sNoise = 1, order = 3, onStep, afterStep } = options;
  const { tolerance = { relative: 0.05, absolute: 0.0078 } } = options;
  let length = FIRST_STEP;
  const [start, end] = [-Math.log(sigmas[0]), -Math.log(sigmas[sigmas.length - 1])];
  let [t, before] = [start, x];
  for (let step = 0; t < end - 1e-5; step++) {
    const s = Math.min(end, t + length);
    const at = reached(step, (s - start) / (end - start));
    const { target, up } = ancestralTarget(t, s, end, eta);
    const solver = await solverFrom(denoise, x, [t, target], at, onStep);
    const low = order === 2 ? solver.first() : await solver.second(1 / 3);
    const high = order === 2 ? await solver.second() : await solver.third();
    const { factor, accept } = stepControl(stepError(low, high, before, tolerance), eta > 0 ? 1.5 : order);
    length *= factor;
    if (!accept) continue;
    before = low;
    x = eta > 0 ? accumulate(high, up * sNoise, noise(levelOf(t), levelOf(s))) : high;
    t = s;
    if (afterStep) x = afterStep(x, levelOf(s), t >= end - 1e-5);
  }
  return x;
};
