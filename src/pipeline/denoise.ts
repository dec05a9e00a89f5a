import { concatenated, roundHalfEven } from '../core/array';
import { composed, type GuidanceInterval, guidanceActs, guided, rescaled } from '../core/diffusion/guidance';
import { inCoordinates } from '../core/diffusion/latent-format';
import { planTimesteps } from '../core/diffusion/plan-timesteps';
import type { NoiseProcess } from '../core/diffusion/process/noise-process';
import { type SamplerId, type SamplerTuning, samplerEntry } from '../core/diffusion/samplers/index';
import { runOptions } from '../core/diffusion/samplers/tuning';
import type { Denoiser, Latent, SamplerOptions, StepPlan } from '../core/diffusion/types';
import { EaselError } from '../core/errors';
import type { ModelInfo, PaintingModel } from '../model/types';
import type { Context } from './encode-prompt';

export interface Conditioning {
  /** The prompt, or several that guide together (AND), each with its weight. */
  prompts: readonly { context: Context; weight: number }[];
  /** Absent where guidance is off: then the model runs once a step. */
  uncond?: Context;
  cfgScale: number;
  /** What a UNet that is told sizes is told (SDXL): original height and width, crop top and left, target height and width. */
  sizes?: readonly number[];
  /** phi of CFG rescale; 0 is off. */
  rescale?: number;
  /** Channels that an inpainting UNet takes beside the latent: mask and masked picture, [channels, height, width]. */
  beside?: Float32Array;
  /** Noise levels at which guidance acts; everywhere if left out. */
  interval?: GuidanceInterval;
}

/** Latent sides, in cells. */
export interface LatentSize {
  height: number;
  width: number;
}

/** What sampling needs of a model. */
export interface Predictor {
  predict: PaintingModel['predict'];
  info: Pick<ModelInfo, 'toldSizes'>;
}

/** A raw output of the network, guided; `uncond` where there was one. */
interface Guided {
  output: Latent;
  uncond?: Latent;
  /** The second half of the channels of a model that predicts its variance. */
  variance?: Latent;
}

/**
 * The model as a denoiser: its input scaled, the timestep taken from the plan (or from the process where the plan names none;
 * `quantise`d, the nearest whole one), guidance applied to its raw output, and that turned into a clean latent.
 */
export function modelDenoiser(
  model: Predictor,
  size: LatentSize,
  conditioning: Conditioning,
  process: NoiseProcess,
  plan: StepPlan,
  quantise = false,
): Denoiser {
  const whole = quantise && process.trained !== undefined;
  const timestepAt = planTimesteps(plan, (sigma) =>
    whole ? roundHalfEven(process.timestepAt(sigma)) : process.timestepAt(sigma),
  );
  return async (x, sigma, { step, of }) => {
    const timestep = timestepAt(sigma, step);
    const latent = Float32Array.from(process.input(x, sigma));
    const sample = conditioning.beside ? concatenated([latent, conditioning.beside]) : latent;
    const call = (contexts: readonly Context[]) =>
      predictAll(model, size, sample, timestep, contexts, conditioning.sizes);
    const { output, uncond, variance } = await guidedOutput(call, conditioning, sigma, x.length);
    if (!output.every(Number.isFinite)) {
      throw new EaselError(
        'internal',
        `The model gave no numbers at step ${step + 1} of ${of} (sigma ${sigma.toPrecision(4)}).`,
      );
    }
    return {
      ...process.denoised(x, sigma, output),
      uncond: uncond && process.denoised(x, sigma, uncond).x0,
      variance,
    };
  };
}

async function guidedOutput(
  call: (contexts: readonly Context[]) => Promise<Float32Array[]>,
  { prompts, uncond, cfgScale, rescale = 0, interval }: Conditioning,
  sigma: number,
  length: number,
): Promise<Guided> {
  const acts = interval === undefined || guidanceActs(sigma, interval);
  const [{ context, weight }] = prompts;
  const plain = prompts.length === 1 && weight === 1;
  if (!uncond || (plain && !acts)) {
    const [raw] = await call([context]);
    return { output: raw.subarray(0, length), variance: varianceOf(raw, length) };
  }
  const scale = acts ? cfgScale : 1;
  const raws = await call([...prompts.map((prompt) => prompt.context), uncond]);
  const [variance] = raws.map((raw) => varianceOf(raw, length));
  const outputs = raws.map((raw) => raw.subarray(0, length));
  const negative = outputs.pop() as Float32Array;
  if (plain) {
    const [cond] = outputs;
    const output = guided(cond, negative, scale);
    return { output: rescale > 0 ? rescaled(output, cond, rescale) : output, uncond: negative, variance };
  }
  const weighted = outputs.map((prediction, k) => ({ prediction, weight: prompts[k].weight }));
  const output = composed(negative, weighted, scale);
  // What CFG rescale compares with is the prompts' prediction without guidance.
  return {
    output: rescale > 0 ? rescaled(output, composed(negative, weighted, 1), rescale) : output,
    uncond: negative,
    variance,
  };
}

function varianceOf(raw: Float32Array, length: number): Latent | undefined {
  return raw.length === 2 * length ? raw.subarray(length) : undefined;
}

/** A pair of equally long prompts in one batch, anything else one after the other, as A1111 does. */
async function predictAll(
  model: Predictor,
  { height, width }: LatentSize,
  sample: Float32Array,
  timestep: number,
  contexts: readonly Context[],
  sizes: readonly number[] = [],
): Promise<Float32Array[]> {
  const told = (batch: readonly Context[]) =>
    model.info.toldSizes && {
      textEmbeds: concatenated(batch.map(({ pooled }) => pooled ?? new Float32Array(0))),
      timeIds: Float32Array.from(batch.flatMap(() => sizes)),
    };
  const run = (batch: readonly Context[]) =>
    model.predict({
      sample: concatenated(batch.map(() => sample)),
      batch: batch.length,
      height,
      width,
      timestep,
      context: concatenated(batch.map(({ states }) => states)),
      tokens: batch[0].tokens,
      ...told(batch),
    });
  if (contexts.length === 2 && contexts[0].tokens === contexts[1].tokens) {
    const both = await run(contexts);
    return [both.subarray(0, both.length / 2), both.subarray(both.length / 2)];
  }
  const outputs: Float32Array[] = [];
  for (const context of contexts) outputs.push(await run([context]));
  return outputs;
}

export interface Run extends Pick<SamplerOptions, 'noise' | 'onStep' | 'afterStep'> {
  sampler: SamplerId;
  process: NoiseProcess;
  plan: StepPlan;
  tuning?: SamplerTuning;
}

/** Samples from `x` (variance exploding, at the plan's first sigma) down to the latent that the autoencoder decodes. */
export async function denoise(denoiser: Denoiser, x: Latent, run: Run): Promise<Latent> {
  const { sampler, process, plan, tuning = {}, ...options } = run;
  const { sample, coordinates } = samplerEntry(sampler);
  const end = await sample(denoiser, x, plan.sigmas, {
    ...runOptions(sampler, tuning, plan, process),
    ...options,
  });
  return inCoordinates(coordinates, end, plan.sigmas[plan.sigmas.length - 1]);
}
