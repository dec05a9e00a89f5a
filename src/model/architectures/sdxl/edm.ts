import { edm } from '../../../core/diffusion/process/edm';
import type { NoiseProcess } from '../../../core/diffusion/process/noise-process';
import { EaselError, said } from '../../../core/errors';
import type { Marked, MarkerNumbers, ModelConfig, SchedulerConfig } from '../architecture';

/**
 * SDXL's networks trained by EDM's maths (Karras et al. 2022): Playground v2.5 predicts as the paper has it, on latents
 * normalised channel by channel; CosXL predicts v. Their constants are those of the models' own scheduler_config.json
 * and of ComfyUI's `model_base`.
 */

/** By its scheduler's class, in diffusers' words. */
export const isEdm = ({ _class_name: name = '' }: SchedulerConfig) => name.startsWith('EDM');

/** The process of a scheduler whose class is one of EDM's. @throws EaselError `unsupported` for predictions of x0 */
export function edmProcess({
  scheduler,
  predictionType,
}: Pick<ModelConfig, 'scheduler' | 'predictionType'>): NoiseProcess {
  const { sigma_data, sigma_min, sigma_max } = scheduler;
  if (predictionType === 'sample')
    throw new EaselError('unsupported', said`scheduler_config.json: an EDM scheduler with prediction_type "sample" is unknown.`); // biome-ignore format: one sentence
  return edm(sigma_data, sigma_min, sigma_max, predictionType);
}

/** What Playground v2.5 divides its latents' deviation by. */
const PLAYGROUND_SCALING = 0.5;
/** CosXL's, where its file states no lower level. */
const COS_SIGMA_MIN = 0.002;

/** Of a single file: Playground's has its latents' mean and deviation, CosXL's its range of noise levels. */
export function markedEdm(numbers: MarkerNumbers): Marked | undefined {
  const { edm_mean: mean, edm_std: std } = numbers;
  if (mean && std)
    return {
      scheduler: { _class_name: 'EDMDPMSolverMultistepScheduler', sigma_data: 0.5, sigma_min: 0.002, sigma_max: 80 },
      latents: { scalingFactor: PLAYGROUND_SCALING, shiftFactor: 0, latentsMean: mean, latentsStd: std },
    };
  if (mean || std)
    throw new EaselError('unsupported', said`It has one of "edm_mean" and "edm_std" without the other: how to paint with it is unknown.`); // biome-ignore format: one sentence
  const [max] = numbers['edm_vpred.sigma_max'] ?? [];
  const [min = COS_SIGMA_MIN] = numbers['edm_vpred.sigma_min'] ?? [];
  if (max === undefined) return undefined;
  return { scheduler: { _class_name: 'EDMEulerScheduler', sigma_data: 1, sigma_min: min, sigma_max: max } };
}
