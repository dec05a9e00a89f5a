import { concat } from '../core/array';
import { composed, type GuidanceInterval, guidanceActs, guided, rescaled } from '../core/diffusion/guidance';
import type { Latent } from '../core/diffusion/types';
import type { ModelInfo } from '../model/running/model-info';
import type { PaintingModel } from '../model/running/painting-model';
import type { Context, GuidedConditioning } from './conditioning';
import type { LatentSize } from './latent-size';

/** How a run is guided, whatever it reads. */
export interface Guidance {
  cfgScale: number;
  /**
   * The sizes that a UNet with size conditioning gets (SDXL): original height and width, crop top and left, target
   * height and width.
   */
  sizes?: readonly number[];
  /** phi of CFG rescale; 0 is off. */
  rescale?: number;
  /**
   * Channels that the UNet is shown beside the latent, [channels, height, width]: mask and masked picture where it
   * inpaints, a small picture where it makes that larger.
   */
  spatial?: Float32Array;
  /** Noise levels at which guidance acts; everywhere if left out. */
  interval?: GuidanceInterval;
}

/** What sampling needs of a model. */
export interface Predictor {
  predict: PaintingModel['predict'];
  info: Pick<ModelInfo, 'hasSizeConditioning' | 'takesGuidance'>;
}

/** A raw output of the network, guided; `uncond` where there was one. */
interface Guided {
  output: Latent;
  uncond?: Latent;
  /** The second half of the channels of a model that predicts its variance. */
  variance?: Latent;
}

/** @param call the network's raw outputs for some contexts, one each. */
export async function guidedOutput(
  call: (contexts: readonly Context[]) => Promise<Float32Array[]>,
  { prompts, uncond }: GuidedConditioning,
  { cfgScale, rescale = 0, interval }: Guidance,
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
export async function predictAll(
  model: Predictor,
  { height, width }: LatentSize,
  sample: Float32Array,
  timestep: number,
  contexts: readonly Context[],
  { cfgScale, sizes = [] }: Pick<Guidance, 'cfgScale' | 'sizes'>,
): Promise<Float32Array[]> {
  const sizeConditioning = (batch: readonly Context[]) =>
    model.info.hasSizeConditioning && {
      textEmbeds: concat(batch.map(({ pooled }) => pooled ?? new Float32Array(0))),
      timeIds: Float32Array.from(batch.flatMap(() => sizes)),
    };
  const run = (batch: readonly Context[]) =>
    model.predict({
      sample: concat(batch.map(() => sample)),
      batch: batch.length,
      height,
      width,
      timestep,
      context: concat(batch.map(({ states }) => states)),
      tokens: batch[0].tokens,
      labels: batch[0].label === undefined ? undefined : Int32Array.from(batch, ({ label = 0 }) => label),
      ...sizeConditioning(batch),
      guidance: model.info.takesGuidance ? cfgScale : undefined,
    });
  if (contexts.length === 2 && contexts[0].tokens === contexts[1].tokens) {
    const both = await run(contexts);
    return [both.subarray(0, both.length / 2), both.subarray(both.length / 2)];
  }
  const outputs: Float32Array[] = [];
  for (const context of contexts) outputs.push(await run([context]));
  return outputs;
}
