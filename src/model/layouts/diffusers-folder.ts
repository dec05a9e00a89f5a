import * as v from 'valibot';
import { EaselError } from '../../core/errors';
import { type AutoencoderConfig, parseAutoencoderConfig } from '../graph/autoencoder-config';
import { type ClipTextConfig, parseClipTextConfig, parseUnetConfig, type UnetConfig } from '../graph/config';
import { readFields } from '../read-fields';
import { readJson } from '../weights/json-file';
import type { ModelFiles } from '../weights/model-files';
import { autoencoderName, textTowerName } from '../weights/names';
import { openStateDict, renamed } from '../weights/state-dict';
import { type DenoiserFacts, GUIDANCE_INPUT, type PredictionType, SIZE_INPUTS } from './facts';
import type { Network } from './network';

const SD_PIPELINES = [
  'StableDiffusionPipeline',
  'StableDiffusionImg2ImgPipeline',
  'StableDiffusionInpaintPipeline',
  'LatentConsistencyModelPipeline',
];
const XL_PIPELINES = [
  'StableDiffusionXLPipeline',
  'StableDiffusionXLImg2ImgPipeline',
  'StableDiffusionXLInpaintPipeline',
];

const INDEX = 'model_index.json';
const IndexSchema = v.object({ _class_name: v.optional(v.string()) });

/** A model in diffusers' layout: its networks, and how it was trained. */
export interface DiffusersFolder {
  facts: DenoiserFacts;
  unet: Network<UnetConfig>;
  textTowers: readonly Network<ClipTextConfig>[];
  scheduler: Scheduler;
  hasVae: boolean;
}

/**
 * Opens a diffusers folder of any Stable Diffusion, by its model_index.json. Only headers and configurations are read.
 * @throws EaselError `corrupt` or `unsupported` naming the file and the option or tensor.
 */
export async function openFolder(files: ModelFiles): Promise<DiffusersFolder> {
  const { _class_name: pipeline = 'no pipeline' } = readFields(IndexSchema, await readConfig(files, INDEX), INDEX);
  const hasTwoTowers = XL_PIPELINES.includes(pipeline);
  if (!hasTwoTowers && !SD_PIPELINES.includes(pipeline)) {
    throw new EaselError(
      'unsupported',
      `model_index.json names ${pipeline}. Easel opens folders of ${SD_PIPELINES[0]} (SD 1.x, 2.x) and ${XL_PIPELINES[0]}.`,
    );
  }
  const scheduler = await openScheduler(files);
  const textTowers = [await openTextTower(files, 'text_encoder')];
  if (hasTwoTowers) textTowers.push(await openTextTower(files, 'text_encoder_2'));
  const unet = await openUnet(files, 'unet');
  const { inChannels, crossAttentionDim, linearProjection, textTime, guidanceWidth } = unet.config;
  const facts = {
    inChannels,
    contextWidth: crossAttentionDim,
    linearProjection,
    inputs: [...(textTime ? SIZE_INPUTS : []), ...(guidanceWidth ? [GUIDANCE_INPUT] : [])],
    markers: { scheduler: scheduler._class_name },
  };
  return { facts, unet, textTowers, scheduler, hasVae: files.list().some((path) => path.startsWith('vae/')) };
}

/**
 * The networks of a diffusers folder, each in a sub-folder of its own with `config.json` and `.safetensors`. Only
 * headers are read.
 * @throws EaselError `corrupt` or `unsupported` naming the file and the option or tensor.
 */
export async function openUnet(files: ModelFiles, folder: string): Promise<Network<UnetConfig>> {
  const path = `${folder}/config.json`;
  const config = parseUnetConfig(await readConfig(files, path), path);
  return { name: folder, config, weights: await openStateDict(files, folder) };
}

export async function openTextTower(files: ModelFiles, folder: string): Promise<Network<ClipTextConfig>> {
  const path = `${folder}/config.json`;
  const config = parseClipTextConfig(await readConfig(files, path), path);
  return { name: folder, config, weights: renamed(await openStateDict(files, folder), textTowerName) };
}

export async function openAutoencoder(files: ModelFiles, folder: string): Promise<Network<AutoencoderConfig>> {
  const path = `${folder}/config.json`;
  const config = parseAutoencoderConfig(await readConfig(files, path), path);
  return { name: folder, config, weights: renamed(await openStateDict(files, folder), autoencoderName) };
}

/** What stands in a JSON file that a model of diffusers must have. @throws EaselError `corrupt` naming the file */
async function readConfig(files: ModelFiles, path: string): Promise<unknown> {
  if (files.list().includes(path)) return readJson(files, path);
  throw new EaselError('corrupt', `The folder "${files.name}" has no ${path}: it is not a whole diffusers model.`);
}

/** A field that may be left out, or null, which is the same. */
const given = <const S extends v.GenericSchema>(schema: S) =>
  v.pipe(
    v.nullish(schema),
    v.transform((value) => value ?? undefined),
  );
const level = () => given(v.pipe(v.number(), v.minValue(1e-6), v.maxValue(1e6)));

const SchedulerSchema = v.object({
  _class_name: given(v.string()),
  num_train_timesteps: v.nullish(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100_000)), 1000),
  beta_start: v.nullish(v.number(), 0.00085),
  beta_end: v.nullish(v.number(), 0.012),
  beta_schedule: v.nullish(v.string(), 'scaled_linear'),
  trained_betas: v.nullish(v.array(v.number())),
  prediction_type: v.nullish(v.picklist(['epsilon', 'v_prediction', 'sample']), 'epsilon'),
  timestep_spacing: given(v.picklist(['leading', 'trailing', 'linspace'])),
  steps_offset: v.nullish(v.pipe(v.number(), v.integer()), 0),
  set_alpha_to_one: v.nullish(v.boolean(), true),
  sigma_data: level(),
  sigma_min: level(),
  sigma_max: level(),
  rescale_betas_zero_snr: v.nullish(v.boolean(), false),
  use_karras_sigmas: v.nullish(v.boolean()),
  final_sigmas_type: given(v.picklist(['zero', 'sigma_min'])),
  original_inference_steps: given(v.pipe(v.number(), v.integer(), v.minValue(1))),
});

/** A scheduler's configuration, whose prediction type is one of ours. */
export type Scheduler = v.InferOutput<typeof SchedulerSchema> & { prediction_type: PredictionType };

/**
 * The scheduler's configuration, as far as it tells how the model was trained.
 * @throws EaselError `corrupt` or `unsupported` naming the file and the field.
 */
export async function openScheduler(files: ModelFiles): Promise<Scheduler> {
  const path = 'scheduler/scheduler_config.json';
  const scheduler = readFields(SchedulerSchema, await readConfig(files, path), path);
  const { prediction_type } = scheduler;
  if (prediction_type === 'sample') {
    throw new EaselError(
      'unsupported',
      'scheduler_config.json: prediction_type "sample" is not one that Stable Diffusion is trained with.',
    );
  }
  return { ...scheduler, prediction_type };
}
