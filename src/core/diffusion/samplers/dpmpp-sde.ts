import { accumulate, blend, combine } from '../../array';
import type { Latent, Sampler } from '../types';
import { ancestralSplit, runSteps, toward } from './run-steps';

/** DPM-Solver++(2S) with ancestral noise (k-diffusion's `sample_dpmpp_2s_ancestral`; Lu et al. 2022, algorithm 1). */
export const dpmpp2sAncestral: Sampler = (denoise, x, sigmas, options) => {
  const { noise, eta = 1, sNoise = 1 } = options;
  return runSteps(denoise, x, sigmas, options, async ({ x, sigma, next, denoised, call }) => {
    const { down, up } = ancestralSplit(sigma, next, eta);
    const middle = Math.sqrt(sigma * down);
    const quiet = toward(x, sigma, denoised.x0, middle);
    if (down > 0) toward(x, sigma, (await call(quiet, middle)).x0, down, quiet);
    return next > 0 ? accumulate(quiet, up * sNoise, noise(sigma, next)) : quiet;
  });
};

/**
 * DPM-Solver++ (stochastic), two calls a step, the second halfway in log sigma (k-diffusion's `sample_dpmpp_sde`). It
 * draws its noise also at eta 0, where it adds none.
 */
export const dpmppSde: Sampler = (denoise, x, sigmas, options) => {
  const { noise, eta = 1, sNoise = 1 } = options;
  return runSteps(denoise, x, sigmas, options, async ({ x, sigma, next, denoised, call }) => {
    if (next === 0) return toward(x, sigma, denoised.x0, 0);
    const middle = sigma ** (1 / 2) * next ** (1 / 2);
    const first = ancestralSplit(sigma, middle, eta);
    const there = accumulate(toward(x, sigma, denoised.x0, first.down), first.up * sNoise, noise(sigma, middle));
    const { x0 } = await call(there, middle);
    const second = ancestralSplit(sigma, next, eta);
    return accumulate(toward(x, sigma, x0, second.down, there), second.up * sNoise, noise(sigma, next));
  });
};

/** DPM-Solver++(2M) SDE (k-diffusion's `sample_dpmpp_2m_sde`), by midpoint or Heun's extrapolation. */
export const dpmpp2mSde: Sampler = (denoise, x, sigmas, options) => {
  const { noise, eta = 1, sNoise = 1, solver = 'midpoint' } = options;
  let last: { x0: Latent; h: number } | undefined;
  return runSteps(denoise, x, sigmas, options, ({ x, sigma, next, denoised: { x0 } }) => {
    if (next === 0) return x0;
    const h = Math.log(sigma / next);
    const fall = -Math.expm1(-h - eta * h);
    const out = combine((next / sigma) * Math.exp(-eta * h), x, fall, x0);
    if (last) {
      const weight = ((solver === 'heun' ? 1 - fall / (h + eta * h) : fall / 2) * h) / last.h;
      blend(1, out, weight, x0, -weight, last.x0, out);
    }
    last = { x0, h };
    if (eta === 0) return out;
    return accumulate(out, next * Math.sqrt(-Math.expm1(-2 * eta * h)) * sNoise, noise(sigma, next));
  });
};

/** DPM-Solver++(3M) SDE (k-diffusion's `sample_dpmpp_3m_sde`); its first two steps are of order 1 and 2. */
export const dpmpp3mSde: Sampler = (denoise, x, sigmas, options) => {
  const { noise, eta = 1, sNoise = 1 } = options;
  const past: { x0: Latent; h: number }[] = [];
  return runSteps(denoise, x, sigmas, options, ({ x, sigma, next, denoised: { x0 } }) => {
    if (next === 0) return x0;
    const h = Math.log(sigma / next);
    const all = h * (eta + 1);
    const out = combine(Math.exp(-all), x, -Math.expm1(-all), x0);
    const phi2 = Math.expm1(-all) / all + 1;
    const [one, two] = past;
    if (two) {
      const [r0, r1] = [one.h / h, two.h / h];
      const phi3 = phi2 / all - 0.5;
      // Both differences of the predictions, gathered by prediction.
      const bend = (phi2 * r0 - phi3) / (r0 + r1);
      const [d0, d1] = [(phi2 + bend) / r0, bend / r1];
      blend(1, out, d0, x0, -d0 - d1, one.x0, out);
      accumulate(out, d1, two.x0);
    } else if (one) {
      const weight = (phi2 * h) / one.h;
      blend(1, out, weight, x0, -weight, one.x0, out);
    }
    past.unshift({ x0, h });
    past.length = Math.min(past.length, 2);
    if (eta === 0) return out;
    return accumulate(out, next * Math.sqrt(-Math.expm1(-2 * h * eta)) * sNoise, noise(sigma, next));
  });
};
