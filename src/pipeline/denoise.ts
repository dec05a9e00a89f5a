import { areFinite, concat, roundHalfEven } from '../core/array';
import { inCoordinates } from '../core/diffusion/latent-format';
import { planTimesteps } from '../core/diffusion/plan-timesteps';
import type { NoiseProcess } from '../core/diffusion/process/noise-process';
import { type SamplerId, type SamplerTuning, samplerEntry } from '../core/diffusion/samplers/index';
import { runOptions } from '../core/diffusion/samplers/tuning';
import type { Denoiser, Latent, SamplerOptions, StepPlan } from '../core/diffusion/types';
import { EaselError, said } from '../core/errors';
import type { ConditioningAt, Context } from './conditioning';
import { type Guidance, guidedOutput, type Predictor, predictAll } from './guided-output';
import type { LatentSize } from './latent-size';

/**
 * The model as a denoiser: its input scaled, the timestep taken from the plan (or from the process where the plan names
 * none; `quantise`d, the nearest whole one), guidance applied to its raw output, and that turned into a clean latent.
 */
export function modelDenoiser(
  model: Predictor,
  size: LatentSize,
  conditioningAt: ConditioningAt,
  guidance: Guidance,
  process: NoiseProcess,
  plan: StepPlan,
  quantise = false,
): Denoiser {
  const whole = quantise && process.trained !== undefined;
  const timestepAt = planTimesteps(plan, (sigma) =>
    whole ? roundHalfEven(process.timestepAt(sigma)) : process.timestepAt(sigma),
  );
  const { spatial } = guidance;
  // One that takes the scale as an input was distilled of a guided model: several prompts are only joined.
  const outer = model.info.takesGuidance ? { ...guidance, cfgScale: 1 } : guidance;
  const shareAt = shareOfLogSigma(plan);
  let calls = 0;
  return async (x, sigma, { step, of }) => {
    const timestep = timestepAt(sigma, step);
    const latent = Float32Array.from(process.input(x, sigma));
    const sample = spatial ? concat([latent, spatial]) : latent;
    const call = (contexts: readonly Context[]) => predictAll(model, size, sample, timestep, contexts, guidance);
    const conditioning = await conditioningAt({ sigma, share: shareAt(sigma), call: calls++, step, of });
    const { output, uncond, variance } = await guidedOutput(call, conditioning, outer, sigma, x.length);
    if (!areFinite(output)) {
      throw new EaselError(
        'internal',
        said`The model produced NaN or infinity at step ${step + 1} of ${of} (sigma ${sigma.toPrecision(4)}).`,
      );
    }
    return {
      ...process.denoised(x, sigma, output),
      uncond: uncond && process.denoised(x, sigma, uncond).x0,
      variance,
    };
  };
}

/** How far along a plan a noise level lies, in log sigma: 0 at its first, 1 at its last above 0. */
function shareOfLogSigma({ sigmas }: StepPlan): (sigma: number) => number {
  const above = sigmas.filter((sigma) => sigma > 0);
  const [start, end] = [Math.log(above[0]), Math.log(above[above.length - 1])];
  return (sigma) => Math.min(1, Math.max(0, (Math.log(sigma) - start) / (end - start || 1)));
}

export interface Run extends Pick<SamplerOptions, 'noise' | 'onStep' | 'afterStep'> {
  sampler: SamplerId;
  process: NoiseProcess;
  plan: StepPlan;
  tuning?: SamplerTuning;
}

/** Samples from `x` (variance exploding, at the plan's first sigma) down to the latent that the autoencoder decodes. */
export async function sampleLatent(denoiser: Denoiser, x: Latent, run: Run): Promise<Latent> {
  const { sampler, process, plan, tuning = {}, ...options } = run;
  const { sample, coordinates } = samplerEntry(sampler);
  const end = await sample(denoiser, x, plan.sigmas, {
    ...runOptions(sampler, tuning, plan, process),
    ...options,
  });
  return inCoordinates(coordinates, end, plan.sigmas[plan.sigmas.length - 1]);
}
