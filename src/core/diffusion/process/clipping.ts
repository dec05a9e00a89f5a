import { clamped, noiseFrom } from '../denoisers';
import { varianceExploding } from '../noise-level';
import type { NoiseProcess } from './noise-process';

/**
 * A process whose x0 stays within -limit..limit (diffusers' `clip_sample`, for models of pixels). The predicted noise
 * stays what it was, as diffusers' DDIM has it: it is given beside x0, since it no longer is (x - x0) / sigma.
 */
export function withClipping(process: NoiseProcess, limit = 1): NoiseProcess {
  return {
    ...process,
    denoised(x, sigma, output) {
      const { x0 } = process.denoised(x, sigma, output);
      return { x0: clamped(x0, limit), eps: noiseFrom(x, varianceExploding(sigma), x0) };
    },
  };
}
