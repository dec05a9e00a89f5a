import { like, scaled } from '../array';
import type { Coordinates } from './latent-format';
import { diffused, varianceExploding } from './noise-level';
import type { Denoiser, Latent, SamplerOptions, StepPlan } from './types';

/** A draw from an autoencoder's posterior N(mean, exp(logvar)), for each number by itself. */
export function posteriorSample(mean: Latent, logvar: Latent, noise: Latent): Float64Array {
  return Float64Array.from(mean, (value, i) => value + Math.exp(logvar[i] / 2) * noise[i]);
}

/**
 * How many steps a picture's run plans, and how many of them, the last ones, it runs at a denoising strength (0 .. 1).
 * `diffusers`: the whole part of steps x strength. `a1111`: one more than that; or exactly `steps`, of a longer plan
 * ("With img2img, do exactly the amount of steps the slider specifies").
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

/** The last steps of a plan, or all it has: from less noise than all of it. */
export function lastSteps({ sigmas, timesteps, targets }: StepPlan, count: number): StepPlan {
  const from = Math.max(0, sigmas.length - 1 - count);
  return { sigmas: sigmas.slice(from), timesteps: timesteps?.slice(from), targets: targets?.slice(from) };
}

/** A mask of the latent grid for every channel: 0 keeps the original, 1 repaints, between mixes. */
export type LatentMask = ArrayLike<number>;

/** The mask that holds at a noise level. */
export type MaskAt = (sigma: number) => LatentMask;

/** Painted where the mask is 1, the original where it is 0. */
export function masked<T extends Latent>(original: Latent, painted: T, mask: LatentMask): T {
  const out = like(painted);
  for (let i = 0; i < out.length; i++) {
    const share = mask[i % mask.length];
    out[i] = share * painted[i] + (1 - share) * original[i];
  }
  return out;
}

/**
 * A soft mask as a share of the strength, cell by cell (Differential Diffusion, Levin and Fried 2023): a cell of 0.3 is
 * kept until the last 0.3 of the run's steps and free from there on. Within the step in which that falls it is free in
 * part, so that every grey differs.
 * @param sigmas of the run, descending.
 */
export function softMask(mask: LatentMask, sigmas: readonly number[]): MaskAt {
  const of = sigmas.length - 1;
  return (sigma) => {
    const done = stepsDone(sigma, sigmas);
    return Float32Array.from(mask, (share) => {
      const freeSteps = share * of;
      return share === 0 ? 0 : Math.min(1, Math.max(0, done + 1 - (of - freeSteps)));
    });
  };
}

/** How many steps of a run lie above a noise level; a part of one where it stands between two. */
function stepsDone(sigma: number, sigmas: readonly number[]): number {
  const next = sigmas.findIndex((level) => level <= sigma);
  if (next === 0) return 0;
  if (next < 0) return sigmas.length - 1;
  const [above, below] = [sigmas[next - 1], sigmas[next]];
  return next - (sigma - below) / (above - below);
}

/**
 * Inpainting as diffusers does it with ordinary models: after each step the original, noised to where the step has
 * come, stands again outside the mask; clean after the last one. For `SamplerOptions.afterStep`.
 * @param coordinates of the sampler.
 */
export function reimposing(
  original: Latent,
  noise: Latent,
  mask: MaskAt,
  coordinates: Coordinates = 'variance-exploding',
): NonNullable<SamplerOptions['afterStep']> {
  // A run may end a little above no noise; there a variance-preserving scheduler's clean latent is that much longer in
  // ours.
  const clean = (sigma: number) =>
    coordinates === 'variance-preserving' ? scaled(Math.sqrt(1 + sigma ** 2), original) : original;
  return (x, sigma, last) =>
    masked(last ? clean(sigma) : diffused(original, noise, varianceExploding(sigma)), x, mask(sigma));
}

/**
 * Inpainting as A1111 does it with k-diffusion's samplers: whatever the model predicts outside the mask, the clean
 * latent is the original's. A run that starts from the noised original then stays one outside the mask at every noise
 * level, so x needs no mending.
 */
export function keepingOriginal(denoise: Denoiser, original: Latent, mask: MaskAt): Denoiser {
  return async (x, sigma, at) => {
    const { x0, uncond, variance } = await denoise(x, sigma, at);
    const held = mask(sigma);
    return { x0: masked(original, x0, held), uncond: uncond && masked(original, uncond, held), variance };
  };
}
