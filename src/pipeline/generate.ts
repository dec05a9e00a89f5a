import { startingNoise } from '../core/diffusion/latent-format';
import { trainedSigmas } from '../core/diffusion/noise-schedules';
import { SAMPLERS } from '../core/diffusion/samplers/index';
import { planSteps } from '../core/diffusion/step-schedules';
import type { StepInfo } from '../core/diffusion/types';
import { EaselError } from '../core/errors';
import { planesToRgb } from '../core/image/planes';
import { seededNormal } from '../core/random';
import type { GenerationRequest } from '../core/request';
import { normalBetween, type Walk } from '../core/walk';
import type { PaintingModel } from '../model/types';
import { denoise, modelDenoiser } from './denoise';
import { encodeBetween, encodePrompt } from './encode-prompt';

export type PaintStage = 'encode-prompt' | 'denoise' | 'decode';

export interface PaintHooks {
  onStage?(stage: PaintStage): void;
  /** After each step's model call; may throw to stop the run. */
  onStep?(info: StepInfo): void | Promise<void>;
  /** Milliseconds, monotonic. */
  now?(): number;
}

export interface Timings {
  encodeMs: number;
  denoiseMs: number;
  decodeMs: number;
  totalMs: number;
}

export interface Painted {
  /** Interleaved bytes, 3 a pixel. */
  rgb: Uint8Array<ArrayBuffer>;
  width: number;
  height: number;
  timings: Timings;
}

/**
 * Paints one picture from noise: prompt, starting noise, sampling, decoding.
 * @param request with its seed resolved; `batchCount` is the caller's business.
 * @param walk where the picture stands between the request's seed or prompt and another one.
 * @throws EaselError `bad-request` for a size the model cannot do; whatever the model throws.
 */
export async function paint(
  model: PaintingModel,
  request: GenerationRequest,
  hooks: PaintHooks = {},
  walk?: Walk,
): Promise<Painted> {
  const { latentScale, latentChannels, scheduler } = model.info;
  const size = { height: request.height / latentScale, width: request.width / latentScale };
  if (!Number.isInteger(size.height) || !Number.isInteger(size.width)) {
    throw new EaselError('bad-request', `Width and height must be multiples of ${latentScale}.`);
  }
  const now = hooks.now ?? (() => performance.now());
  const times = [now()];

  hooks.onStage?.('encode-prompt');
  const cond =
    walk?.prompt === undefined
      ? await encodePrompt(model, request.prompt)
      : await encodeBetween(model, request.prompt, walk.prompt, walk.share);
  const uncond = request.cfgScale === 1 ? undefined : await encodePrompt(model, request.negativePrompt);
  times.push(now());

  hooks.onStage?.('denoise');
  const table = trainedSigmas(scheduler);
  const { sampler, schedule, steps } = request;
  const plan = planSteps({ sampler, schedule, steps, table, config: scheduler });
  const own = seededNormal(request.seed);
  const draw = walk?.seed === undefined ? own : normalBetween(own, seededNormal(walk.seed), walk.share);
  const cells = latentChannels * size.height * size.width;
  const start = startingNoise(draw(cells), plan, SAMPLERS[sampler].coordinates, table.sigmas.length);
  const denoiser = modelDenoiser(model, size, { cond, uncond, cfgScale: request.cfgScale }, table, plan);
  const latent = await denoise(denoiser, start, {
    sampler,
    plan,
    eta: request.eta,
    noise: () => draw(cells),
    onStep: hooks.onStep,
  });
  times.push(now());

  hooks.onStage?.('decode');
  const planes = await model.decode(latent, size.height, size.width);
  times.push(now());
  return {
    rgb: planesToRgb(planes),
    width: request.width,
    height: request.height,
    timings: {
      encodeMs: times[1] - times[0],
      denoiseMs: times[2] - times[1],
      decodeMs: times[3] - times[2],
      totalMs: times[3] - times[0],
    },
  };
}
