import { combine, scaled } from '../array';
import { type Coordinates, noised } from './latent-format';
import type { Denoiser, Latent, SamplerOptions, StepPlan } from './types';

/** A draw from an autoencoder's posterior N(mean, exp(logvar)), for each number by itself. */
export function posteriorSample(mean: Latent, logvar: Latent, noise: Latent): Float64Array {
  return Float64Array.from(mean, (value, i) => value + Math.exp(logvar[i] / 2) * noise[i]);
}

/**
 * How many steps a picture's run plans, and how many of them, the last ones, it runs at a denoising strength (0 .. 1).
 * `diffusers`: the whole part of steps x strength. `a1111`: one more than that; or exactly `steps`, of a longer plan ("With img2img, do
 * exactly the amount of steps the slider specifies").
 */
export function stepsAtStrength(
  way: 'diffusers' | 'a1111' | 'a1111-exactly',
  steps: number,
  strength: number,
): { planned: number; run: number } {
  const below = Math.min(strength, 0.999);
  switch (way) {
    case 'diffusers':
      return { planned: steps, run: Math.min(Math.floor(steps * strength), steps) };
    case 'a1111':
      return { planned: steps, run: Math.floor(below * steps) + 1 };
    case 'a1111-exactly':
      return { planned: strength > 0 ? Math.floor(steps / below) : 0, run: steps };
    default:
      way satisfies never;
      throw new RangeError(`Unknown count of steps "${String(way)}".`);
  }
}

/** The last steps of a plan: from less noise than all of it. */
export function lastSteps({ sigmas, timesteps, targets }: StepPlan, count: number): StepPlan {
  const from = sigmas.length - 1 - count;
  return { sigmas: sigmas.slice(from), timesteps: timesteps?.slice(from), targets: targets?.slice(from) };
}

/** A mask of the latent grid for every channel: 0 keeps the original, 1 paints anew, between mixes. */
export type LatentMask = ArrayLike<number>;

function masked(original: Latent, painted: Latent, mask: LatentMask): Latent {
  const out = combine(1, painted, 0, painted);
  for (let i = 0; i < out.length; i++) {
    const share = mask[i % mask.length];
    out[i] = share * painted[i] + (1 - share) * original[i];
  }
  return out;
}

/**
 * Inpainting as diffusers does it with ordinary models: after each step the original, noised to where the step has come, stands again
 * outside the mask; clean after the last one. For `SamplerOptions.afterStep`.
 * @param coordinates of the sampler.
 */
export function reimposing(
  original: Latent,
  noise: Latent,
  mask: LatentMask,
  coordinates: Coordinates = 'variance-exploding',
): NonNullable<SamplerOptions['afterStep']> {
  // A run may end a little above no noise; there a variance-preserving scheduler's clean latent is that much longer in ours.
  const clean = (sigma: number) =>
    coordinates === 'variance-preserving' ? scaled(Math.sqrt(1 + sigma ** 2), original) : original;
  return (x, sigma, last) => masked(last ? clean(sigma) : noised(original, noise, sigma), x, mask);
}

/** Inpainting as A1111 does it: whatever the model sees outside the mask, the clean latent it is held to is the original's. */
export function keepingOriginal(denoise: Denoiser, original: Latent, mask: LatentMask): Denoiser {
  return async (x, sigma, at) => {
    const denoised = await denoise(x, sigma, at);
    return { ...denoised, x0: masked(original, denoised.x0, mask) };
  };
}
