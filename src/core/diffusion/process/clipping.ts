import { clamped, noiseFrom } from '../denoisers';
import { varianceExploding } from '../noise-level';
import type { Latent } from '../types';
import type { NoiseProcess } from './noise-process';

/** How a predicted x0 is kept within the range of pictures. */
export type Thresholding =
  | { kind: 'none' }
  /** Within -limit..limit (diffusers' `clip_sample`). */
  | { kind: 'static'; limit: number }
  /**
   * Imagen's (Saharia et al. 2022, section 2.3): within -s..s and divided by s, which is the `ratio` quantile of |x0|
   * between 1 and `max`.
   */
  | { kind: 'dynamic'; ratio: number; max: number };

/** The fields of a diffusers scheduler_config.json that say it. */
export interface ThresholdingConfig {
  clip_sample?: boolean;
  clip_sample_range?: number;
  thresholding?: boolean;
  dynamic_thresholding_ratio?: number;
  sample_max_value?: number;
}

/** What a scheduler does; where it does both, the dynamic way, as there. Numbers left out are diffusers'. */
export function thresholdingOf(config: ThresholdingConfig): Thresholding {
  const { clip_sample_range: limit = 1, dynamic_thresholding_ratio: ratio = 0.995, sample_max_value: max = 1 } = config;
  if (config.thresholding) return { kind: 'dynamic', ratio, max };
  return config.clip_sample ? { kind: 'static', limit } : { kind: 'none' };
}

/**
 * A process whose x0 stays within -limit..limit (diffusers' `clip_sample`, for models of pixels). The predicted noise
 * stays what it was, as diffusers' DDIM has it: it is given beside x0, since it no longer is (x - x0) / sigma.
 */
export function withClipping(process: NoiseProcess, limit = 1): NoiseProcess {
  return withThresholding(process, { kind: 'static', limit });
}

/** The same for any way of keeping x0 within range. */
export function withThresholding(process: NoiseProcess, how: Thresholding): NoiseProcess {
  if (how.kind === 'none') return process;
  return {
    ...process,
    denoised(x, sigma, output) {
      const { x0 } = process.denoised(x, sigma, output);
      return { x0: thresholded(x0, how), eps: noiseFrom(x, varianceExploding(sigma), x0) };
    },
  };
}

function thresholded<T extends Latent>(x0: T, how: Exclude<Thresholding, { kind: 'none' }>): T {
  if (how.kind === 'static') return clamped(x0, how.limit);
  const s = Math.min(Math.max(quantile(x0, how.ratio), 1), how.max);
  const out = clamped(x0, s);
  for (let i = 0; i < out.length; i++) out[i] /= s;
  return out;
}

/** The share-th of |x| in order, interpolated between its neighbours (torch's `quantile`). */
function quantile(x: Latent, share: number): number {
  const sorted = Float64Array.from(x, Math.abs).sort();
  const place = share * (sorted.length - 1);
  const low = Math.floor(place);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low] + (place - low) * (sorted[high] - sorted[low]);
}
