import type { GuidanceInterval } from '../core/diffusion/guidance';
import { startingNoise } from '../core/diffusion/latent-format';
import { type PlanRequest, planSteps } from '../core/diffusion/plan-steps';
import { samplerEntry } from '../core/diffusion/samplers/index';
import { type RunNoise, runNoise } from '../core/diffusion/samplers/noise';
import type { StepInfo, StepPlan } from '../core/diffusion/types';
import { EaselError } from '../core/errors';
import type { Box, GivenPicture, Picture } from '../core/image/picture';
import { planesToRgb, rgbToPicture } from '../core/image/planes';
import type { GenerationRequest } from '../core/request';
import { slerp, type Walk } from '../core/walk';
import { stopIfCancelled } from '../model/cancellation';
import type { PaintingModel } from '../model/types';
import { classifierGuidedDenoiser } from './classifier-guidance';
import { denoise, modelDenoiser } from './denoise';
import { stepsFrom, taskOf } from './input-image/prepare';
import { conditioningOf } from './stages/encode-text';
import { beginAnew, beginFrom } from './stages/start-from-image';

export type PaintStage = 'encode-prompt' | 'encode-picture' | 'denoise' | 'decode';

export interface PaintHooks {
  /** @param place with `denoise`: what of the given picture is being painted, in that one's pixels */
  onStage?(stage: PaintStage, place?: Box): void;
  /** After each step's model call. */
  onStep?(info: StepInfo): void | Promise<void>;
  /** Ends the run before the next stage, step or tile. */
  signal?: AbortSignal;
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
  /** One byte a pixel; absent where all is opaque. */
  alpha?: Uint8Array<ArrayBuffer>;
  width: number;
  height: number;
  timings: Timings;
  /** What it was painted from, if not from noise alone, and where it belongs in that picture, in its pixels. */
  given?: 'picture' | 'picture-and-mask';
  place?: Box;
  /** What was done otherwise than asked, in sentences. */
  notes: readonly string[];
}

/** Where a painting begins, if not at the seed's noise alone. */
export interface From {
  /** Where it stands between the request's seed or prompt and another one. */
  walk?: Walk;
  /** The picture it is painted from. */
  given?: GivenPicture;
}

/**
 * Paints one picture, from noise or from a given one: prompt, starting latent, sampling, decoding.
 * @param request with its seed resolved; `batchCount` is the caller's business.
 * @returns width x height pixels; as many as the given picture has, where a mask says what of it is painted.
 * @throws EaselError `bad-request` for a size or a clip skip the model cannot do; whatever the model throws.
 */
export async function paint(
  model: PaintingModel,
  request: GenerationRequest,
  hooks: PaintHooks = {},
  { walk, given }: From = {},
): Promise<Painted> {
  const { latentScale, latentChannels, scheduler, maxClipSkip } = model.info;
  const size = { height: request.height / latentScale, width: request.width / latentScale };
  if (!Number.isInteger(size.height) || !Number.isInteger(size.width)) {
    throw new EaselError('bad-request', `Width and height must be multiples of ${latentScale}.`);
  }
  if ((request.clipSkip ?? 1) > maxClipSkip) {
    throw new EaselError('bad-request', `Clip skip can be at most ${maxClipSkip} with this model.`);
  }
  const enter = async (stage: PaintStage, place?: Box) => {
    hooks.onStage?.(stage, place);
    await stopIfCancelled(hooks.signal);
  };
  const now = hooks.now ?? (() => performance.now());
  const times = [now()];
  const task = given && taskOf(given, request, latentScale);
  if (task?.kind === 'keep') return { ...task, ...asBytes(task.picture), timings: NO_TIME };

  await enter('encode-prompt');
  const conditioning = await conditioningOf(model, request, walk);

  const { sampler } = request;
  const { coordinates, exactTerminal } = samplerEntry(sampler);
  const process = model.process(exactTerminal ? 'almostExact' : 'diffusers');
  const { planned, run } = given ? stepsFrom(request) : { planned: request.steps, run: request.steps };
  const whole = planSteps({ ...scheduleOf(request), steps: planned, levels: process, config: scheduler });
  const { starting, during } = noiseOf(request, whole, latentChannels * size.height * size.width, walk);
  if (task) await enter('encode-picture');
  const beginning = task
    ? await beginFrom(task, {
        model,
        request,
        size,
        whole,
        run: run < planned ? run : whole.sigmas.length - 1,
        noise: starting,
      })
    : await beginAnew(model, size, whole, startingNoise(starting, whole, coordinates, process));
  const { plan, beside, afterStep } = beginning;
  times.push(now());

  await enter('denoise', task?.frame.place);
  const interval = intervalOf(request, plan);
  const unguided = modelDenoiser(model, size, { ...conditioning, interval, beside }, process, plan, request.quantise);
  const denoiser = classifierGuidedDenoiser(unguided, model, request, size, process);
  const latent = await denoise(beginning.hold(denoiser), beginning.start, {
    sampler,
    process,
    plan,
    tuning: request,
    noise: during,
    afterStep,
    async onStep(info) {
      await hooks.onStep?.(info);
      await stopIfCancelled(hooks.signal);
    },
  });
  times.push(now());

  await enter('decode');
  const rgb = planesToRgb(await model.decode(beginning.finish(latent), size.height, size.width, hooks.signal));
  await stopIfCancelled(hooks.signal);
  const { width, height } = request;
  const painted = task
    ? { ...asBytes(task.frame.finish(rgbToPicture(rgb, width, height))), given: task.given, place: task.frame.place }
    : { rgb, width, height };
  times.push(now());
  return {
    ...painted,
    notes: task?.notes ?? [],
    timings: {
      encodeMs: times[1] - times[0],
      denoiseMs: times[2] - times[1],
      decodeMs: times[3] - times[2],
      totalMs: times[3] - times[0],
    },
  };
}

const NO_TIME: Timings = { encodeMs: 0, denoiseMs: 0, decodeMs: 0, totalMs: 0 };

/** A picture as bytes of colour, and of alpha where any of it is transparent. */
function asBytes({ width, height, data }: Picture): Pick<Painted, 'rgb' | 'alpha' | 'width' | 'height'> {
  const rgb = new Uint8Array(3 * width * height);
  const alpha = new Uint8Array(width * height);
  for (let i = 0; i < alpha.length; i++) {
    for (let c = 0; c < 3; c++) rgb[3 * i + c] = data[4 * i + c];
    alpha[i] = data[4 * i + 3];
  }
  return { rgb, alpha: alpha.every((value) => value === 255) ? undefined : alpha, width, height };
}

/** What of a request says which noise levels it runs through; 0 stands for the model's own. */
function scheduleOf(request: GenerationRequest): Omit<PlanRequest, 'levels' | 'config'> {
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
