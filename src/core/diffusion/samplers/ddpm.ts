import { EaselError, said } from '../../errors';
import type { Latent, Sampler, SamplerOptions } from '../types';
import { runSteps, toward } from './run-steps';

/**
 * Deviation of the noise of one DDPM step from sigma to next, per element, in variance-exploding coordinates.
 * `fixed_small` is the posterior's beta~, `fixed_large` beta itself, and `learned_range` lies between both in logs by
 * the model's own output v in -1..1 (Nichol and Dhariwal 2021, equation 15). Strided steps have beta = 1 - abar_t /
 * abar_s.
 */
function stepNoise(sigma: number, next: number, kind: SamplerOptions['varianceType'], v?: Latent) {
  const gap = Math.max(0, sigma ** 2 - next ** 2);
  const stretch = 1 + next ** 2; // of a variance, on the way to variance-exploding coordinates
  const large = gap / (1 + sigma ** 2);
  const small = Math.max((next ** 2 * large * (1 + sigma ** 2)) / (sigma ** 2 * stretch), 1e-20);
  switch (kind) {
    case 'fixed_large':
      return () => Math.sqrt(large * stretch);
    case 'learned_range': {
      if (!v)
        throw new EaselError('bad-request', said`This model does not predict its variance. Choose “fixed small”.`);
      const [low, high] = [Math.log(small), Math.log(large)];
      return (i: number) => Math.exp((low + ((v[i] + 1) / 2) * (high - low)) / 2) * Math.sqrt(stretch);
    }
    default:
      return () => Math.sqrt(small * stretch);
  }
}

/**
 * Ancestral sampling (Ho et al. 2020, algorithm 2), strided as diffusers' DDPMScheduler: from each noise level of the
 * list to the next. A run that ends at timestep 0 adds no noise in its last step; any other does.
 */
export const ddpm: Sampler = (denoise, x, sigmas, options) => {
  const { noise, varianceType, timesteps, sNoise = 1 } = options;
  return runSteps(denoise, x, sigmas, options, ({ x, sigma, next, denoised: { x0, variance }, step, of }) => {
    const mean = toward(x, sigma, x0, next ** 2 / sigma);
    const last = timesteps ? timesteps[step] === 0 : step === of - 1;
    if (last) return mean;
    const deviation = stepNoise(sigma, next, varianceType, variance);
    const fresh = noise(sigma, next);
    const n = mean.length;
    for (let i = 0; i < n; i++) mean[i] += deviation(i) * sNoise * fresh[i];
    return mean;
  });
};
