import { diffused } from '../core/diffusion/noise-level';
import { betasFrom } from '../core/diffusion/noise-schedules';
import { type NoiseProcess, trainedTable } from '../core/diffusion/process/noise-process';
import {
  boundTerm,
  chainLevel,
  type DiffusionChain,
  diffusionChain,
  modelStep,
  priorTerm,
} from '../core/diffusion/theory/gaussian-diffusion';
import type { Denoised, Latent } from '../core/diffusion/types';
import { EaselError, said } from '../core/errors';
import type { Picture } from '../core/image/picture';
import { pictureToPlanes } from '../core/image/planes';
import { seededNormal } from '../core/random';
import { stopIfCancelled } from '../model/cancellation';
import type { PaintingModel } from '../model/running/painting-model';

interface BoundOptions {
  /** The class that the model is told, where it is told one. */
  label: number;
  /** Which terms, 0 to below the chain's length. */
  timesteps: readonly number[];
  /** Of the noise. */
  seed: number;
  signal?: AbortSignal;
}

/**
 * Terms of the variational bound of a picture under a model of pixels, in the order of the timesteps, and L_T; in bits
 * per dimension. Each is at a fresh draw of x_t (Ho et al. 2020, equation 5), with the variance that the model has: its
 * own where it learned one, else the posterior's. x0 is clipped where the model clips it as it samples.
 * @throws EaselError `unsupported` for a model of latents, whose bytes the bound cannot count; `bad-request` for a
 * timestep that is none of the chain, and for a model without a table of them.
 */
export async function pictureBound(
  model: PaintingModel,
  picture: Picture,
  { label, timesteps, seed, signal }: BoundOptions,
): Promise<{ terms: number[]; prior: number }> {
  const { info } = model;
  if (info.latentScale !== 1)
    throw new EaselError('unsupported', said`The bound counts the bits of pixels, and this model works on latents.`);
  const process = model.process('diffusers');
  const chain = diffusionChain(betasFrom(trainedTable(process, said`The variational bound`).alphasCumprod));
  const x0 = Float64Array.from(pictureToPlanes(picture), onByte);
  const draw = seededNormal(seed);
  const told = info.conditioning === 'class' ? await model.encodeClass(label) : { states: NOTHING, tokens: 0 };
  const clip = info.thresholding?.kind === 'static';
  const terms: number[] = [];
  for (const t of timesteps) {
    if (!(t in chain.betas)) throw new EaselError('bad-request', said`The chain has no timestep ${t}.`);
    await stopIfCancelled(signal);
    const x = diffused(x0, draw(x0.length), chainLevel(chain, t));
    const output = await model.predict({
      sample: Float32Array.from(x),
      batch: 1,
      height: picture.height,
      width: picture.width,
      timestep: t,
      context: told.states,
      tokens: told.tokens,
      labels: told.label === undefined ? undefined : Int32Array.of(told.label),
    });
    const answer = answerOf(process, chain, t, x, output);
    const varianceType = answer.variance ? 'learned_range' : 'fixed_small';
    terms.push(boundTerm(chain, t, x0, x, modelStep(chain, t, x, answer, { varianceType, clip })));
  }
  return { terms, prior: priorTerm(chain, x0) };
}

const NOTHING = new Float32Array(0);

/** A byte's value in -1..1, without float32's rounding. */
const onByte = (value: number) => Math.round((value + 1) * 127.5) / 127.5 - 1;

/** What the network's output says of x0, and of the variance where it has twice the channels. */
function answerOf(process: NoiseProcess, chain: DiffusionChain, t: number, x: Latent, output: Float32Array): Denoised {
  const { signal, noise } = chainLevel(chain, t);
  const exploding = Float64Array.from(x, (value) => value / signal);
  const variance = output.length === 2 * x.length ? output.subarray(x.length) : undefined;
  return { ...process.denoised(exploding, noise / signal, output.subarray(0, x.length)), variance };
}
