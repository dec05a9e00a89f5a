import { startingNoise } from '../../core/diffusion/latent-format';
import { planSteps } from '../../core/diffusion/plan-steps';
import { withThresholding } from '../../core/diffusion/process/clipping';
import type { NoiseProcess } from '../../core/diffusion/process/noise-process';
import type { SamplerTuning } from '../../core/diffusion/samplers/entry';
import { type SamplerId, samplerEntry } from '../../core/diffusion/samplers/index';
import type { Latent, StepPlan } from '../../core/diffusion/types';
import { EaselError, said } from '../../core/errors';
import type { SchedulerConfig } from '../../model/architectures/architecture';
import { architectureOf } from '../../model/architectures/index';
import { loadModel } from '../../model/running/load';
import type { PaintingModel } from '../../model/running/painting-model';
import { readJson } from '../../model/weights/json-file';
import type { ModelFiles } from '../../model/weights/model-files';
import type { GuidedConditioning } from '../../pipeline/conditioning';
import { modelDenoiser } from '../../pipeline/denoise';
import { type Comparison, relativeError } from './expected';
import type { Surroundings } from './networks';
import { within } from './pipelines';
import { statesOf } from './states';

/** Settings in cases.json of a run of one of the models that the theory was published with. */
interface Case {
  scheduler: string;
  scheduler_config: SchedulerConfig;
  num_inference_steps: number;
  class_label?: number;
  guidance_scale?: number;
  /** Which of a consistency model's levels were visited. */
  timesteps_given?: readonly number[];
}

const TOLERANCE = 1e-4;
const SAMPLER: Readonly<Record<string, SamplerId>> = {
  DDPMScheduler: 'ddpm',
  DDIMScheduler: 'ddim',
  CMStochasticIterativeScheduler: 'consistency',
};

/**
 * Compares every state of such a run, and what is decoded of the last; in all of a model's forms, of which the larger
 * error counts.
 */
export async function compareTheory(place: Surroundings, name: string): Promise<Comparison[]> {
  const { files, at, device } = place;
  const settings = ((await readJson(files, `${at}cases.json`)) as Record<string, Case>)[name];
  const largest = new Map<string, number>();
  for (const form of formsOf(within(files, at))) {
    // In turn, so that nothing starts that is not used.
    const model = await loadModel(form, device, undefined, { memory: { plan: 'in-turn' } });
    try {
      const errors = await errorsOf(place, model, name, settings);
      for (const [output, error] of errors) largest.set(output, Math.max(error, largest.get(output) ?? 0));
    } finally {
      await model.dispose();
    }
  }
  return Array.from(largest, ([output, error]) => ({ name: output, kind: 'compared', error, tolerance: TOLERANCE }));
}

/** A folder, or each of several files that hold the same model. */
function formsOf(files: ModelFiles): ModelFiles[] {
  const paths = files.list();
  if (paths.includes('model_index.json')) return [files];
  const single = paths.filter((path) => /^[^/]+\.(safetensors|ckpt)$/.test(path) && path !== 'expected.safetensors');
  return single.map((path) => ({ ...files, list: () => [path] }));
}

async function errorsOf(
  place: Surroundings,
  model: PaintingModel,
  name: string,
  settings: Case,
): Promise<Map<string, number>> {
  const { expected } = place;
  const errors = new Map<string, number>();
  const add = async (output: string, actual: ArrayLike<number>) =>
    errors.set(output, relativeError(actual, await expected.floats(output)));
  const states = await run(place, model, name, settings);
  for (const [k, state] of states.entries()) await add(`${name}.latents.${k}`, state);
  if (!expected.has(`${name}.decoded`)) return errors;
  const [, , height, width] = expected.shape(`${name}.noise.0`);
  await add(`${name}.decoded`, await model.decode(states[states.length - 1], height, width));
  return errors;
}

/** The states of a run with the noise that the reference drew. */
async function run({ expected }: Surroundings, model: PaintingModel, name: string, settings: Case): Promise<Latent[]> {
  const config = { ...settings.scheduler_config, _class_name: settings.scheduler };
  const sampler = SAMPLER[settings.scheduler];
  if (!sampler) throw new EaselError('unsupported', said`${name} was looped with ${settings.scheduler}.`);
  const { architecture: { id }, predictionType } = model.info; // biome-ignore format: one line
  const { process: processOf, thresholding } = architectureOf(id);
  const how = thresholding?.(config) ?? { kind: 'none' };
  const process = withThresholding(processOf({ scheduler: config, predictionType }, 'diffusers'), how);
  const plan = planOf(sampler, process, config, settings);
  const [, , height, width] = expected.shape(`${name}.noise.0`);
  const conditioning = await told(model, settings);
  const { guidance_scale: cfgScale = 1 } = settings;
  const spatial = expected.has(`${name}.image`) ? await expected.floats(`${name}.image`) : undefined;
  const denoiser = modelDenoiser(
    model,
    { height, width },
    async () => conditioning,
    { cfgScale, spatial },
    process,
    plan,
  );
  const noises: Float32Array[] = [];
  for (let k = 0; expected.has(`${name}.noise.${k}`); k++) noises.push(await expected.floats(`${name}.noise.${k}`));
  const { coordinates } = samplerEntry(sampler);
  const start = startingNoise(Float64Array.from(noises[0]), plan, coordinates, process);
  const tuning: SamplerTuning = { varianceType: config.variance_type as SamplerTuning['varianceType'] };
  let drawn = 1;
  return statesOf(denoiser, start, { sampler, process, plan, tuning, noise: () => noises[drawn++] });
}

/** The plan that the app makes, or the part of all levels that a consistency model's run was told to visit. */
function planOf(sampler: SamplerId, levels: NoiseProcess, config: SchedulerConfig, settings: Case): StepPlan {
  const { num_inference_steps: steps, timesteps_given: given } = settings;
  if (!given) return planSteps({ sampler, schedule: 'automatic', steps, levels, config, quantise: true });
  const all = planSteps({ sampler, schedule: 'automatic', steps: config.num_train_timesteps - 1, levels, config });
  const visited = [...given].sort((a, b) => a - b).map((place) => all.sigmas[place]);
  return { sigmas: [...visited, all.sigmas[all.sigmas.length - 1]] };
}

const NOTHING = { states: new Float32Array(0), tokens: 0 };

/** What the network is told. */
async function told(model: PaintingModel, { class_label: label }: Case): Promise<GuidedConditioning> {
  if (label === undefined) return { prompts: [{ context: NOTHING, weight: 1 }] };
  const { nullClass } = model.info;
  return {
    prompts: [{ context: await model.encodeClass(label), weight: 1 }],
    uncond: nullClass === undefined ? undefined : await model.encodeClass(nullClass),
  };
}
