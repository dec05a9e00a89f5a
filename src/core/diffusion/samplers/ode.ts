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

/** x + h sum of weights[k] slopes[k], in one pass: no row above has more than six weights that are not 0. */
function weighted(x: Latent, h: number, weights: readonly number[], slopes: readonly Latent[]): Latent {
  const terms = weights.flatMap((weight, k) => (weight === 0 ? [] : [{ a: h * weight, slope: slopes[k] }]));
  while (terms.length < 6) terms.push({ a: 0, slope: x });
  const [s0, s1, s2, s3, s4, s5] = terms.map(({ slope }) => slope);
  const [a0, a1, a2, a3, a4, a5] = terms.map(({ a }) => a);
  const out = like(x);
  for (let i = 0; i < out.length; i++)
    out[i] = x[i] + a0 * s0[i] + a1 * s1[i] + a2 * s2[i] + a3 * s3[i] + a4 * s4[i] + a5 * s5[i];
  return out;
}

export interface OdeStep {
  t: number;
  x: Latent;
  slope: Latent;
}

/**
 * Solves dx/dt = slope(x, t) from `from` to `to` by Dormand-Prince 5(4) with error control: a general-purpose solver. The last
 * stage of a step is the first of the next.
 * @param onStep called at the start of every step that is tried.
 * @returns x at `to`; `calls` counts the slope's evaluations.
 */
export async function dormandPrince(
  slope: (x: Latent, t: number) => Promise<Latent>,
  x: Latent,
  [from, to]: readonly [number, number],
  tolerance: { relative: number; absolute: number },
  onStep?: (step: OdeStep) => void | Promise<void>,
): Promise<{ x: Latent; calls: number }> {
  let t = from;
  let h = (to - from) / 20;
  let first = await slope(x, t);
  let calls = 1;
  while ((to - t) * Math.sign(to - from) > Math.abs(to - from) * 1e-12) {
    await onStep?.({ t, x, slope: first });
    if (Math.abs(h) > Math.abs(to - t)) h = to - t;
    const slopes = [first];
    let fifth = x;
    for (let k = 1; k < NODES.length; k++) {
      fifth = weighted(x, h, STAGES[k], slopes);
      slopes.push(await slope(fifth, t + NODES[k] * h));
      calls++;
    }
    const error = stepError(fifth, weighted(x, h, FOURTH, slopes), x, tolerance);
    if (error <= 1) {
      t += h;
      x = fifth;
      first = slopes[slopes.length - 1];
    }
    h *= Math.min(5, Math.max(0.2, 0.9 * error ** -0.2));
  }
  return { x, calls };
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
  const slope = async (y: Latent, t: number) => {
    const { x0 } = await denoise(y, Math.exp(t), position(t));
    return combine(1, y, -1, x0);
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
