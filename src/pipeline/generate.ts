import type { GuidanceInterval } from '../core/diffusion/guidance';
import { startingNoise } from '../core/diffusion/latent-format';
import { trainedSigmas } from '../core/diffusion/noise-schedules';
import { type PlanRequest, planSteps } from '../core/diffusion/plan-steps';
import { samplerEntry } from '../core/diffusion/samplers/index';
import { type RunNoise, runNoise } from '../core/diffusion/samplers/noise';
import type { StepInfo, StepPlan } from '../core/diffusion/types';
import { EaselError } from '../core/errors';
import { planesToRgb } from '../core/image/planes';
import type { GenerationRequest } from '../core/request';
import { splitPrompts } from '../core/text/composition';
import { extraNetworks } from '../core/text/extra-networks';
import { slerp, type Walk } from '../core/walk';
import type { PaintingModel } from '../model/types';
import { type Conditioning, denoise, modelDenoiser } from './denoise';
import { type Context, encodeBetween, encodePrompt } from './encode-prompt';

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
 * @throws EaselError `bad-request` for a size or a clip skip the model cannot do; whatever the model throws.
 */
export async function paint(
  model: PaintingModel,
  request: GenerationRequest,
  hooks: PaintHooks = {},
  walk?: Walk,
): Promise<Painted> {
  const { latentScale, latentChannels, scheduler, mostClipSkip } = model.info;
  const size = { height: request.height / latentScale, width: request.width / latentScale };
  if (!Number.isInteger(size.height) || !Number.isInteger(size.width)) {
    throw new EaselError('bad-request', `Width and height must be multiples of ${latentScale}.`);
  }
  if ((request.clipSkip ?? 1) > mostClipSkip) {
    throw new EaselError('bad-request', `Clip skip can be at most ${mostClipSkip} with this model.`);
  }
  const now = hooks.now ?? (() => performance.now());
  const times = [now()];

  hooks.onStage?.('encode-prompt');
  const conditioning = await conditioningOf(model, request, walk);
  times.push(now());

  hooks.onStage?.('denoise');
  const { sampler } = request;
  const { coordinates, exactTerminal } = samplerEntry(sampler);
  const table = trainedSigmas(scheduler, exactTerminal ? 'almostExact' : 'diffusers');
  const plan = planSteps({ ...scheduleOf(request), table, config: scheduler });
  const cells = latentChannels * size.height * size.width;
  const { starting, during } = noiseOf(request, plan, cells, walk);
  const start = startingNoise(starting, plan, coordinates, table.sigmas.length);
  const interval = intervalOf(request, plan);
  const denoiser = modelDenoiser(model, size, { ...conditioning, interval }, table, plan, request.quantise);
  const latent = await denoise(denoiser, start, {
    sampler,
    table,
    plan,
    tuning: request,
    noise: during,
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

/** Both prompts encoded; the guidance scale as the sampler takes it. */
async function conditioningOf(
  model: PaintingModel,
  request: GenerationRequest,
  walk: Walk | undefined,
): Promise<Conditioning> {
  const { cfgScale, sampler, negativePrompt, clipSkip, guidanceRescale, width, height } = request;
  const prompts = await encodedPrompts(model, request, walk);
  const off = cfgScale === 1 && prompts.length === 1;
  return {
    prompts,
    uncond: off ? undefined : await encodePrompt(model, negativePrompt, clipSkip),
    cfgScale: samplerEntry(sampler).cfgpp ? cfgScale / CFGPP_DIVISOR : cfgScale,
    rescale: guidanceRescale,
    sizes: [height, width, 0, 0, height, width],
  };
}

/** The prompt, or each of several joined by AND; on a walk between prompts, each mixed with its counterpart. */
async function encodedPrompts(
  model: PaintingModel,
  { prompt, clipSkip }: GenerationRequest,
  walk: Walk | undefined,
): Promise<Conditioning['prompts']> {
  // LoRAs are the model's business: their mentions are no words.
  const words = (text: string) => splitPrompts(extraNetworks(text).prompt);
  const from = words(prompt);
  const share = walk?.share ?? 0;
  const to = walk?.prompt === undefined ? from : words(walk.prompt);
  if (to.length !== from.length)
    throw new EaselError('bad-request', 'A walk needs as many prompts joined by AND at its end as at its start.');
  const encoded: { context: Context; weight: number }[] = [];
  for (const [k, { text, weight }] of from.entries()) {
    const same = to[k].text === text;
    const context = same
      ? await encodePrompt(model, text, clipSkip)
      : await encodeBetween(model, text, to[k].text, share, clipSkip);
    encoded.push({ context, weight: weight + share * (to[k].weight - weight) });
  }
  return encoded;
}

/** CFG++ guides between 0 and 1; A1111 shows 12.5 times that, so that the usual scales mean something. */
const CFGPP_DIVISOR = 12.5;

/** What of a request says which noise levels it runs through; 0 stands for the model's own. */
function scheduleOf(request: GenerationRequest): Omit<PlanRequest, 'table' | 'config'> {
  const { sampler, schedule, steps, discardPenultimate, quantise, sigmaMin, sigmaMax, rho, betaAlpha, betaBeta } =
    request;
  return {
    sampler,
    schedule,
    steps,
    discardPenultimate,
    quantise,
    sigmaMin: sigmaMin || undefined,
    sigmaMax: sigmaMax || undefined,
    rho: rho || undefined,
    alpha: betaAlpha,
    beta: betaBeta,
  };
}

/** A seed's noise; on a walk between seeds, a mix of both. */
function noiseOf(request: GenerationRequest, plan: StepPlan, cells: number, walk: Walk | undefined): RunNoise {
  const own = runNoise(request, plan.sigmas, cells);
  if (walk?.seed === undefined) return own;
  const other = runNoise({ ...request, seed: walk.seed }, plan.sigmas, cells);
  return {
    starting: slerp(own.starting, other.starting, walk.share),
    during: (sigma, next) => slerp(own.during(sigma, next), other.during(sigma, next), walk.share),
  };
}

/** The part of the run with guidance as noise levels; nothing where it is the whole run. */
function intervalOf(
  { guidanceStart = 0, guidanceEnd = 1 }: GenerationRequest,
  { sigmas }: StepPlan,
): GuidanceInterval | undefined {
  if (guidanceStart === 0 && guidanceEnd === 1) return undefined;
  const last = sigmas.length - 1;
  // Churn may lift the first level above the list's.
  const high = guidanceStart === 0 ? Number.POSITIVE_INFINITY : sigmas[Math.round(guidanceStart * last)];
  return { high, low: guidanceEnd === 1 ? -1 : sigmas[Math.round(guidanceEnd * last)] };
}
