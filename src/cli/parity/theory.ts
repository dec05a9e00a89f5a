import { startingNoise } from '../../core/diffusion/latent-format';
import { planSteps } from '../../core/diffusion/plan-steps';
import { thresholdingOf, withThresholding } from '../../core/diffusion/process/clipping';
import { type SamplerId, samplerEntry } from '../../core/diffusion/samplers/index';
import type { SamplerTuning } from '../../core/diffusion/samplers/entry';
import type { Latent } from '../../core/diffusion/types';
import { EaselError } from '../../core/errors';
import type { SchedulerConfig } from '../../model/architectures/architecture';
import { architectureOf } from '../../model/architectures/index';
import { loadModel } from '../../model/running/load';
import type { PaintingModel } from '../../model/running/painting-model';
import { readJson } from '../../model/weights/json-file';
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
}

const TOLERANCE = 1e-4;
const SAMPLER: Readonly<Record<string, SamplerId>> = { DDPMScheduler: 'ddpm', DDIMScheduler: 'ddim' };

/** Compares every state of such a run, and what is decoded of the last. */
export async function compareTheory(place: Surroundings, name: string): Promise<Comparison[]> {
  const { files, at, expected, device } = place;
  const settings = ((await readJson(files, `${at}cases.json`)) as Record<string, Case>)[name];
  const model = await loadModel(within(files, at), device);
  try {
    const results: Comparison[] = [];
    const add = async (output: string, actual: ArrayLike<number>) => {
      const error = relativeError(actual, await expected.floats(output));
      results.push({ name: output, kind: 'compared', error, tolerance: TOLERANCE });
    };
    const states = await run(place, model, name, settings);
    for (const [k, state] of states.entries()) await add(`${name}.latents.${k}`, state);
    if (!expected.has(`${name}.decoded`)) return results;
    const [, , height, width] = expected.shape(`${name}.noise.0`);
    await add(`${name}.decoded`, await model.decode(states[states.length - 1], height, width));
    return results;
  } finally {
    await model.dispose();
  }
}

/** The states of a run with the noise that the reference drew. */
async function run({ expected }: Surroundings, model: PaintingModel, name: string, settings: Case): Promise<Latent[]> {
  const config = { ...settings.scheduler_config, _class_name: settings.scheduler };
  const sampler = SAMPLER[settings.scheduler];
  if (!sampler) throw new EaselError('unsupported', `${name} was looped with ${settings.scheduler}.`);
  const { architecture, predictionType } = model.info;
  const own = architectureOf(architecture.id).process({ scheduler: config, predictionType }, 'diffusers');
  const process = withThresholding(own, thresholdingOf(config));
  const { num_inference_steps: steps } = settings;
  const plan = planSteps({ sampler, schedule: 'automatic', steps, levels: process, config, quantise: true });
  const [, , height, width] = expected.shape(`${name}.noise.0`);
  const conditioning = await told();
  const denoiser = modelDenoiser(model, { height, width }, async () => conditioning, { cfgScale: 1 }, process, plan);
  const noises: Float32Array[] = [];
  for (let k = 0; expected.has(`${name}.noise.${k}`); k++) noises.push(await expected.floats(`${name}.noise.${k}`));
  const { coordinates } = samplerEntry(sampler);
  const start = startingNoise(Float64Array.from(noises[0]), plan, coordinates, process);
  const tuning: SamplerTuning = { varianceType: config.variance_type as SamplerTuning['varianceType'] };
  let drawn = 1;
  return statesOf(denoiser, start, { sampler, process, plan, tuning, noise: () => noises[drawn++] });
}

/** What the network is told. */
async function told(): Promise<GuidedConditioning> {
  return { prompts: [{ context: { states: new Float32Array(0), tokens: 0 }, weight: 1 }] };
}
