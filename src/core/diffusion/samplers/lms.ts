import { accumulate, combine } from '../../array';
import type { Latent, Sampler } from '../types';
import { runSteps } from './run-steps';

/**
 * Weight of the slope j steps ago in an Adams-Bashforth step from sigmas[i] to sigmas[i + 1]: the integral of its
 * Lagrange polynomial, by two-point Gauss-Legendre quadrature, which is exact up to order 4.
 */
export function lmsCoefficient(sigmas: readonly number[], order: number, i: number, j: number): number {
  const basis = (sigma: number) => {
    let product = 1;
    for (let k = 0; k < order; k++) {
      if (k !== j) product *= (sigma - sigmas[i - k]) / (sigmas[i - j] - sigmas[i - k]);
    }
    return product;
  };
  const half = (sigmas[i + 1] - sigmas[i]) / 2;
  const middle = (sigmas[i + 1] + sigmas[i]) / 2;
  const point = half / Math.sqrt(3);
  return half * (basis(middle - point) + basis(middle + point));
}

/** Linear multistep, up to order 4 (k-diffusion's `sample_lms`). */
export const lms: Sampler = (denoise, x, sigmas, options) => {
  const most = options.order ?? 4;
  const slopes: Latent[] = [];
  return runSteps(denoise, x, sigmas, options, ({ x, sigma, denoised, step }) => {
    slopes.unshift(combine(1 / sigma, x, -1 / sigma, denoised.x0));
    slopes.length = Math.min(slopes.length, most);
    const out = x.slice();
    for (const [j, slope] of slopes.entries()) accumulate(out, lmsCoefficient(sigmas, slopes.length, step, j), slope);
    return out;
  });
};
