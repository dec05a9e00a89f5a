import { classifierGuided } from '../core/diffusion/guidance';
import type { NoiseProcess } from '../core/diffusion/process/noise-process';
import type { Denoiser } from '../core/diffusion/types';
import { EaselError, said } from '../core/errors';
import type { GenerationRequest } from '../core/request/request';
import { namesIn } from '../core/text/named';
import type { PaintingModel } from '../model/running/painting-model';
import type { LatentSize } from './latent-size';

/**
 * A denoiser guided toward what the prompt names, by the classifier that came with the model; the same denoiser at
 * scale 0. The clean latent is moved by what classifier guidance does to the noise in it: eps' = eps - scale noise grad
 * log p.
 * @throws EaselError `bad-request` where the model has no classifier, or the prompt names nothing that it knows.
 */
export function classifierGuidedDenoiser(
  denoise: Denoiser,
  model: Pick<PaintingModel, 'classifierGradient' | 'info'>,
  { prompt, classifierScale: scale = 0 }: Pick<GenerationRequest, 'prompt' | 'classifierScale'>,
  { height, width }: LatentSize,
  process: NoiseProcess,
): Denoiser {
  if (scale === 0) return denoise;
  const { classifierGradient, info } = model;
  if (!classifierGradient)
    throw new EaselError('bad-request', said`${info.name} has no classifier. Set classifier guidance to 0.`);
  const wanted = namesIn(prompt, info.classifierNames ?? []);
  if (wanted.length === 0)
    throw new EaselError(
      'bad-request',
      said`The prompt names nothing that the classifier knows. Set classifier guidance to 0.`,
    );
  return async (x, sigma, at) => {
    const denoised = await denoise(x, sigma, at);
    const z = Float32Array.from(process.input(x, sigma));
    const gradient = await classifierGradient(z, height, width, process.timestepAt(sigma), wanted);
    const { noise } = process.level(sigma);
    // x0 = x - sigma eps: what eps loses, x0 gains sigma times, without the digits that x at a high sigma would cost.
    return { ...denoised, x0: classifierGuided(denoised.x0, gradient, noise, -sigma * scale) };
  };
}
