import { classifierGuided } from '../core/diffusion/guidance';
import type { NoiseProcess } from '../core/diffusion/process/noise-process';
import type { Denoiser } from '../core/diffusion/types';
import { EaselError, said } from '../core/errors';
import { FIELDS, fieldLabel } from '../core/request/fields';
import type { GenerationRequest } from '../core/request/request';
import { namesIn } from '../core/text/named';
import type { ModelInfo } from '../model/running/model-info';
import type { PaintingModel } from '../model/running/painting-model';
import type { LatentSize } from './latent-size';

/**
 * A denoiser guided by the classifier that came with the model, toward what the prompt names or, where no text is read,
 * the class; the same denoiser at scale 0. The clean latent is moved by what classifier guidance does to the noise in
 * it: eps' = eps - scale noise grad log p.
 * @throws EaselError `bad-request` where the model has no classifier, or neither prompt nor class is one that it knows.
 */
export function classifierGuidedDenoiser(
  denoise: Denoiser,
  model: Pick<PaintingModel, 'classifierGradient' | 'info'>,
  request: Pick<GenerationRequest, 'prompt' | 'classifierScale' | 'classLabel'>,
  { height, width }: LatentSize,
  process: NoiseProcess,
): Denoiser {
  const { classifierScale: scale = 0 } = request;
  if (scale === 0) return denoise;
  const { classifierGradient, info } = model;
  if (!classifierGradient)
    throw new EaselError('bad-request', said`${info.name} has no classifier. Set classifier guidance to 0.`);
  const wanted = wantedOf(info, request);
  return async (x, sigma, at) => {
    const denoised = await denoise(x, sigma, at);
    const z = Float32Array.from(process.input(x, sigma));
    const gradient = await classifierGradient(z, height, width, process.timestepAt(sigma), wanted);
    const { noise } = process.level(sigma);
    // x0 = x - sigma eps: what eps loses, x0 gains sigma times, without the digits that x at a high sigma would cost.
    return { ...denoised, x0: classifierGuided(denoised.x0, gradient, noise, -sigma * scale) };
  };
}

/** What the classifier is asked for: places among its names. */
function wantedOf(
  { conditioning = 'text', classifierNames: names = [] }: Pick<ModelInfo, 'classifierNames'> & Partial<ModelInfo>,
  { prompt, classLabel = FIELDS.classLabel.default }: Pick<GenerationRequest, 'prompt' | 'classLabel'>,
): readonly number[] {
  if (conditioning !== 'text') {
    if (classLabel < names.length) return [classLabel];
    throw new EaselError(
      'bad-request',
      said`${fieldLabel('classLabel')} must be at most ${names.length - 1} with this model.`,
    );
  }
  const named = namesIn(prompt, names);
  if (named.length > 0) return named;
  throw new EaselError(
    'bad-request',
    said`The prompt names nothing that the classifier knows. Set classifier guidance to 0.`,
  );
}
