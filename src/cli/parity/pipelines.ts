import { trainedSigmas } from '../../core/diffusion/noise-schedules';
import { planSteps } from '../../core/diffusion/plan-steps';
import { discrete } from '../../core/diffusion/process/discrete';
import { SAMPLERS, type SamplerId } from '../../core/diffusion/samplers/index';
import type { Spacing } from '../../core/diffusion/timestep-spacing';
import { WINDOW } from '../../core/text/windows';
import type { SchedulerConfig } from '../../model/architectures/architecture';
import { loadModel } from '../../model/running/load';
import type { PaintingModel } from '../../model/running/painting-model';
import type { ModelFiles } from '../../model/weights/model-files';
import type { Context } from '../../pipeline/conditioning';
import { modelDenoiser } from '../../pipeline/denoise';
import { type Comparison, largestDifference, relativeError } from './expected';
import { beginning } from './given-picture';
import type { Surroundings } from './networks';
import { statesOf } from './states';

/** A pipeline's settings in cases.json. */
interface Case {
  scheduler: string;
  scheduler_config: SchedulerConfig & {
    use_karras_sigmas?: boolean;
    timestep_spacing: Spacing;
    solver_order?: number;
    solver_type?: 'bh1' | 'bh2';
  };
  num_inference_steps: number;
  guidance_scale: number;
  prompt: string;
  negative_prompt?: string;
  eta?: number;
  strength?: number;
  n_latents: number;
}

const SCHEDULERS: Readonly<Record<string, SamplerId>> = {
  DDIMScheduler: 'ddim',
  EulerDiscreteScheduler: 'euler',
  EulerAncestralDiscreteScheduler: 'euler_a',
  DPMSolverMultistepScheduler: 'dpmpp_2m',
  HeunDiscreteScheduler: 'heun',
  LMSDiscreteScheduler: 'lms',
  PNDMScheduler: 'plms',
  UniPCMultistepScheduler: 'unipc',
};

const LATENT_TOLERANCE = 1e-4;
const IMAGE_TOLERANCE = 2 / 255;

/** Runs each case of a pipeline with the noise the reference drew, and compares every step and the picture. */
export async function comparePipelines(place: Surroundings, cases: readonly string[]): Promise<Comparison[]> {
  const { files, at, device } = place;
  const settings = JSON.parse(new TextDecoder().decode(await files.read(`${at}cases.json`))) as Record<string, Case>;
  const results: Comparison[] = [];
  for (const name of cases) {
    // An inpainting UNet with nine channels stands beside the model that it belongs to.
    const unet = name.startsWith('inpaint9.') ? `${at}unet9/` : undefined;
    const model = await loadModel(within(files, `${at}model/`, unet), device);
    const sampler = SCHEDULERS[settings[name].scheduler];
    if (sampler) results.push(...(await compareCase(place, model, name, settings[name], sampler)));
    else
      results.push(
        ...outputsOf(place, name).map((output) =>
          notYet(output, `there is no sampler for ${settings[name].scheduler}`),
        ),
      );
    await model.dispose();
  }
  return results;
}

function outputsOf({ expected }: Surroundings, name: string): string[] {
  return expected.outputs.filter((output) => output.startsWith(`${name}.`));
}

export function notYet(name: string, reason: string): Comparison {
  return { name, kind: 'not-yet', reason };
}

async function compareCase(
  { expected }: Surroundings,
  model: PaintingModel,
  name: string,
  settings: Case,
  sampler: SamplerId,
): Promise<Comparison[]> {
  const { scheduler_config: config, num_inference_steps: steps } = settings;
  const process = discrete(trainedSigmas(config), model.info.predictionType);
  const schedule = config.use_karras_sigmas ? 'karras' : config.timestep_spacing;
  const whole = planSteps({ sampler, schedule, steps, levels: process, config, quantise: true });
  const [, , height, width] = expected.shape(`${name}.latents.0`);
  const size = { height, width };
  const cfgScale = settings.guidance_scale;
  const cond = await plainContext(model, settings.prompt);
  const uncond = cfgScale > 1 ? await plainContext(model, settings.negative_prompt ?? '') : undefined;

  const noises: Float32Array[] = [];
  for (let k = 0; expected.has(`${name}.noise.${k}`); k++) noises.push(await expected.floats(`${name}.noise.${k}`));
  const { coordinates } = SAMPLERS[sampler];
  const { strength } = settings;
  const { start, plan, spatial, afterStep, drawn: taken } = await beginning({ name, expected, model, process, whole, coordinates, noises, strength }); // biome-ignore format: one call
  const denoiser = modelDenoiser(
    model,
    size,
    async () => ({ prompts: [{ context: cond, weight: 1 }], uncond }),
    { cfgScale, spatial },
    process,
    plan,
  );
  let drawn = taken;
  const states = await statesOf(denoiser, start, {
    sampler,
    process,
    plan,
    tuning: { eta: settings.eta, order: config.solver_order, unipcVariant: config.solver_type },
    noise: () => noises[drawn++],
    afterStep,
  });
  const results: Comparison[] = [];
  for (const [k, state] of states.entries()) {
    const reference = await expected.floats(`${name}.latents.${k}`);
    results.push({
      name: `${name}.latents.${k}`,
      kind: 'compared',
      error: relativeError(state, reference),
      tolerance: LATENT_TOLERANCE,
    });
  }
  const planes = await model.decode(states[states.length - 1], size.height, size.width);
  const picture = planes.map((value) => Math.min(1, Math.max(0, value / 2 + 0.5)));
  const error = largestDifference(picture, await expected.floats(`${name}.image`));
  results.push({ name: `${name}.image`, kind: 'compared', error, tolerance: IMAGE_TOLERANCE });
  return results;
}

/** The prompt as diffusers reads it: one window, brackets as they stand. */
async function plainContext(model: PaintingModel, prompt: string): Promise<Context> {
  const { bos, eos, pad } = model.tokenizer;
  const ids = new Int32Array(WINDOW).fill(pad);
  const words = model.tokenizer.encode(prompt).slice(0, WINDOW - 2);
  ids.set([bos, ...words, eos]);
  return { states: (await model.encodeText(ids)).hidden, tokens: WINDOW };
}

/** A folder within a folder, as a model of its own; with another folder's UNet if one is named. */
export function within(files: ModelFiles, prefix: string, unet = `${prefix}unet/`): ModelFiles {
  const real = (path: string) => (path.startsWith('unet/') ? unet + path.slice('unet/'.length) : prefix + path);
  const own = files.list().flatMap((path) => {
    if (path.startsWith(unet)) return [`unet/${path.slice(unet.length)}`];
    return path.startsWith(prefix) && !path.startsWith(`${prefix}unet/`) ? [path.slice(prefix.length)] : [];
  });
  return {
    name: prefix,
    list: () => own,
    size: (path) => files.size(real(path)),
    read: (path, start, end) => files.read(real(path), start, end),
  };
}
