import { concatenated } from '../core/array';
import { cleanLatent, networkInput } from '../core/diffusion/denoisers';
import { guided } from '../core/diffusion/guidance';
import { inCoordinates } from '../core/diffusion/latent-format';
import { SAMPLERS, type SamplerId } from '../core/diffusion/samplers/index';
import { timestepAt } from '../core/diffusion/timesteps';
import type { Denoiser, Latent, NoiseSource, SamplerOptions, SigmaTable, StepPlan } from '../core/diffusion/types';
import { EaselError } from '../core/errors';
import type { PaintingModel } from '../model/types';
import type { Context } from './encode-prompt';

export interface Conditioning {
  cond: Context;
  /** Absent where guidance is off: then the model runs once a step. */
  uncond?: Context;
  cfgScale: number;
}

/** Latent sides, in cells. */
export interface LatentSize {
  height: number;
  width: number;
}

type Predictor = Pick<PaintingModel, 'predict' | 'info'>;

/**
 * The model as a denoiser: its input scaled, the timestep of each noise level looked up in the plan (or interpolated where the
 * plan names none), guidance applied to its raw output, and that turned into a clean latent.
 */
export function modelDenoiser(
  model: Predictor,
  size: LatentSize,
  conditioning: Conditioning,
  table: SigmaTable,
  plan: StepPlan,
): Denoiser {
  const named = new Map(plan.timesteps?.map((timestep, step) => [plan.sigmas[step], timestep]));
  return async (x, sigma, { step, of }) => {
    const timestep = named.get(sigma) ?? timestepAt(table, sigma);
    const output = await guidedOutput(model, size, conditioning, Float32Array.from(networkInput(x, sigma)), timestep);
    if (!Number.isFinite(output[0]) || output.some((value) => !Number.isFinite(value))) {
      throw new EaselError(
        'internal',
        `The model gave no numbers at step ${step + 1} of ${of} (sigma ${sigma.toPrecision(4)}).`,
      );
    }
    return { x0: cleanLatent(model.info.predictionType, x, sigma, output) };
  };
}

/** Both prompts in one batch where they are as long as each other, else one after the other, as A1111 does. */
async function guidedOutput(
  model: Predictor,
  { height, width }: LatentSize,
  { cond, uncond, cfgScale }: Conditioning,
  sample: Float32Array,
  timestep: number,
): Promise<Float32Array> {
  const one = (context: Context) =>
    model.predict({ sample, batch: 1, height, width, timestep, context: context.states, tokens: context.tokens });
  if (!uncond) return one(cond);
  if (cond.tokens !== uncond.tokens) return guided(await one(cond), await one(uncond), cfgScale);
  const both = await model.predict({
    sample: concatenated([sample, sample]),
    batch: 2,
    height,
    width,
    timestep,
    context: concatenated([cond.states, uncond.states]),
    tokens: cond.tokens,
  });
  const half = both.length / 2;
  return guided(both.subarray(0, half), both.subarray(half), cfgScale);
}

export interface Run {
  sampler: SamplerId;
  plan: StepPlan;
  eta?: number;
  noise: NoiseSource;
  onStep?: SamplerOptions['onStep'];
  afterStep?: SamplerOptions['afterStep'];
}

/** Samples from `x` (variance exploding, at the plan's first sigma) down to the latent that the autoencoder decodes. */
export async function denoise(denoiser: Denoiser, x: Latent, { sampler, plan, eta, ...options }: Run): Promise<Latent> {
  const { sample, coordinates } = SAMPLERS[sampler];
  const end = await sample(denoiser, x, plan.sigmas, {
    ...options,
    targets: plan.targets,
    ...(eta === undefined ? {} : { eta }),
  });
  return inCoordinates(coordinates, end, plan.sigmas[plan.sigmas.length - 1]);
}
