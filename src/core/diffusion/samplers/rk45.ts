import type { Sampler } from '../types';
import { dormandPrince } from './dormand-prince';
import { reached } from './dpm-solver';
import { toward } from './run-steps';

/**
 * The probability-flow ODE solved by Dormand-Prince in log sigma, where dx/dlog sigma = x - D(x). From the list's first
 * noise level to its last above 0, then straight to the prediction; the levels between do not count.
 */
export const rk45: Sampler = async (denoise, x, sigmas, { tolerance, onStep, afterStep }) => {
  const above = sigmas.filter((sigma) => sigma > 0);
  const [start, end] = [Math.log(above[0]), Math.log(above[above.length - 1])];
  let step = 0;
  const position = (t: number) => reached(step, (t - start) / (end - start || 1));
  const solved = await dormandPrince(
    async (y, t) => (await denoise(y, Math.exp(t), position(t))).x0,
    x,
    [start, end],
    tolerance ?? { relative: 1e-3, absolute: 1e-3 },
    async ({ t, x: y, prediction }) => {
      await onStep?.({ ...position(t), sigma: Math.exp(t), x: y, denoised: prediction });
      step++;
    },
  );
  if (above.length === sigmas.length) return solved;
  const sigma = above[above.length - 1];
  const { x0 } = await denoise(solved, sigma, { step, of: step + 1 });
  const out = toward(solved, sigma, x0, 0, solved);
  return afterStep ? afterStep(out, 0, true) : out;
};
