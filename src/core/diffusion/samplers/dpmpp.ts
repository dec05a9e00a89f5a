import { combine } from '../../array';
import type { Latent, Sampler } from '../types';

/**
 * DPM-Solver++(2M) (Lu et al. 2022b, algorithm 2), in t = -log sigma. The first step, and the last where it goes to 0, are of
 * first order.
 */
export const dpmpp2m: Sampler = async (denoise, x, sigmas, { onStep, afterStep }) => {
  const of = sigmas.length - 1;
  let previous: { x0: Latent; h: number } | undefined;
  for (let step = 0; step < of; step++) {
    const [sigma, next] = [sigmas[step], sigmas[step + 1]];
    const { x0 } = await denoise(x, sigma, { step, of });
    await onStep?.({ step, of, sigma, x, denoised: x0 });
    const h = Math.log(sigma / next); // infinite on the way to 0, where the formula leaves x0 alone
    let slope: Latent = x0;
    if (previous && next > 0) {
      const r = previous.h / h;
      slope = combine(1 + 1 / (2 * r), x0, -1 / (2 * r), previous.x0);
    }
    x = combine(next / sigma, x, -Math.expm1(-h), slope);
    previous = { x0, h };
    if (afterStep) x = afterStep(x, next, step === of - 1);
  }
  return x;
};
