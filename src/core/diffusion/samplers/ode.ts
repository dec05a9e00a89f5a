import { combine, like } from '../../array';
import type { Latent, Sampler } from '../types';
import { reached, stepError } from './dpm-solver';
import { toward } from './march';

/** Dormand and Prince 1980, table 2: nodes, stages and both solutions' weights (their difference estimates the error). */
const NODES = [0, 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1, 1];
const STAGES = [
  [],
  [1 / 5],
  [3 / 40, 9 / 40],
  [44 / 45, -56 / 15, 32 / 9],
  [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729],
  [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656],
  [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84],
];
const FOURTH = [5179 / 57600, 0, 7571 / 16695, 393 / 640, -92097 / 339200, 187 / 2100, 1 / 40];

/** x + h sum of weights[k] slopes[k] into `out`, three slopes a pass; those without weight are left out. */
function weighted(out: Latent, x: Latent, h: number, weights: readonly number[], slopes: readonly Latent[]): Latent {
  const used = weights.flatMap((weight, k) => (weight === 0 ? [] : [{ a: h * weight, slope: slopes[k] }]));
  let from = x;
  for (let k = 0; k < used.length; k += 3) {
    const [first, second, third] = used.slice(k, k + 3);
    if (third) addThree(out, from, first.a, first.slope, second.a, second.slope, third.a, third.slope);
    else if (second) addTwo(out, from, first.a, first.slope, second.a, second.slope);
    else addOne(out, from, first.a, first.slope);
    from = out;
  }
  return out;
}

function addOne(out: Latent, x: Latent, a: number, u: Latent): void {
  for (let i = 0; i < out.length; i++) out[i] = x[i] + a * u[i];
}

function addTwo(out: Latent, x: Latent, a: number, u: Latent, b: number, v: Latent): void {
  for (let i = 0; i < out.length; i++) out[i] = x[i] + a * u[i] + b * v[i];
}

function addThree(out: Latent, x: Latent, a: number, u: Latent, b: number, v: Latent, c: number, w: Latent): void {
  for (let i = 0; i < out.length; i++) out[i] = x[i] + a * u[i] + b * v[i] + c * w[i];
}

export interface OdeStep {
  t: number;
  x: Latent;
  slope: Latent;
}

/**
 * Solves dx/dt = slope(x, t) from `from` to `to` by Dormand-Prince 5(4) with error control: a general-purpose solver. The last
 * stage of a step is the first of the next.
 * @param slope writes dx/dt into `out`.
 * @param onStep called at the start of every step that is tried; what it is given holds until it returns.
 * @returns x at `to`; `calls` counts the slope's evaluations.
 */
export async function dormandPrince(
  slope: (x: Latent, t: number, out: Latent) => Promise<void>,
  x: Latent,
  [from, to]: readonly [number, number],
  tolerance: { relative: number; absolute: number },
  onStep?: (step: OdeStep) => void | Promise<void>,
): Promise<{ x: Latent; calls: number }> {
  let t = from;
  let h = (to - from) / 20;
  // Everything that a step writes, made once: fresh memory costs more than the sums in it.
  const slopes = NODES.map(() => like(x));
  const stage = like(x);
  let fifth = like(x);
  let now: Latent = x.slice();
  await slope(now, t, slopes[0]);
  let calls = 1;
  while ((to - t) * Math.sign(to - from) > Math.abs(to - from) * 1e-12) {
    await onStep?.({ t, x: now, slope: slopes[0] });
    if (Math.abs(h) > Math.abs(to - t)) h = to - t;
    const last = NODES.length - 1;
    for (let k = 1; k <= last; k++) {
      const at = weighted(k === last ? fifth : stage, now, h, STAGES[k], slopes);
      await slope(at, t + NODES[k] * h, slopes[k]);
      calls++;
    }
    const error = stepError(fifth, weighted(stage, now, h, FOURTH, slopes), now, tolerance);
    if (error <= 1) {
      t += h;
      [now, fifth] = [fifth, now];
      [slopes[0], slopes[last]] = [slopes[last], slopes[0]];
    }
    h *= Math.min(5, Math.max(0.2, 0.9 * error ** -0.2));
  }
  return { x: now, calls };
}

/**
 * The probability-flow ODE solved by Dormand-Prince in log sigma, where dx/dlog sigma = x - D(x). From the list's first noise
 * level to its last above 0, then straight to the prediction; the levels between do not count.
 */
export const rk45: Sampler = async (denoise, x, sigmas, { tolerance, onStep, afterStep }) => {
  const above = sigmas.filter((sigma) => sigma > 0);
  const [start, end] = [Math.log(above[0]), Math.log(above[above.length - 1])];
  let step = 0;
  const position = (t: number) => reached(step, (t - start) / (end - start || 1));
  const slope = async (y: Latent, t: number, out: Latent) => {
    const { x0 } = await denoise(y, Math.exp(t), position(t));
    addOne(out, y, -1, x0);
  };
  const solved = await dormandPrince(
    slope,
    x,
    [start, end],
    tolerance ?? { relative: 1e-3, absolute: 1e-3 },
    async ({ t, x: y, slope: s }) => {
      await onStep?.({ ...position(t), sigma: Math.exp(t), x: y, denoised: combine(1, y, -1, s) });
      step++;
    },
  );
  if (above.length === sigmas.length) return solved.x;
  const sigma = above[above.length - 1];
  const { x0 } = await denoise(solved.x, sigma, { step, of: step + 1 });
  const out = toward(solved.x, sigma, x0, 0);
  return afterStep ? afterStep(out, 0, true) : out;
};
