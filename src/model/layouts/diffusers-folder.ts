import * as v from 'valibot';
import { EaselError, said } from '../../core/errors';
import { type AutoencoderConfig, parseAutoencoderConfig } from '../graph/autoencoder-config';
import { type ClipTextConfig, parseClipTextConfig } from '../graph/config';
import { type DenoiserConfig, parseDenoiserConfig } from '../graph/denoiser';
import type { Unet2dConfig } from '../graph/unet2d-config';
import { readFields } from '../read-fields';
import { decodeFloats, isFloatDtype } from '../weights/dtypes';
import { readJson } from '../weights/json-file';
import type { ModelFiles } from '../weights/model-files';
import { attentionName, textTowerName } from '../weights/names';
import { openStateDict, renamed, type StateDict } from '../weights/state-dict';
import { type DenoiserFacts, GUIDANCE_INPUT, SIGMA_INPUT, SIZE_INPUTS } from './facts';
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
/** Of the models that the theory was published with, which no text enters. */
const THEORY_PIPELINES = [
  'DDPMPipeline',
  'DDIMPipeline',
  'PNDMPipeline',
  'ConsistencyModelPipeline',
  'ScoreSdeVePipeline',
  'LDMPipeline',
  'LDMSuperResolutionPipeline',
];

const INDEX = 'model_index.json';
const IndexSchema = v.object({
  _class_name: v.optional(v.string()),
  /** What classes are called, by label; several names of one class are joined by commas. */
  id2label: v.nullish(v.record(v.string(), v.string())),
});

/** A model in diffusers' layout: its networks, and how it was trained. */
export interface DiffusersFolder {
  facts: DenoiserFacts;
  unet: Network<DenoiserConfig>;
  textTowers: readonly Network<ClipTextConfig>[];
  scheduler: Scheduler;
  /** What its classes are called, by label, where it says it. */
  classNames?: readonly string[];
  /** The folder of its autoencoder, where it has one. */
  autoencoder?: string;
}

/**
 * Opens a diffusers folder of any family that Easel knows, by its model_index.json. Only headers and configurations
 * are read.
 * @throws EaselError `corrupt` or `unsupported` naming the file and the option or tensor.
 */
export async function openFolder(files: ModelFiles): Promise<DiffusersFolder> {
  const { _class_name: pipeline = '', id2label } = readFields(IndexSchema, await readConfig(files, INDEX), INDEX);
  const hasTwoTowers = XL_PIPELINES.includes(pipeline);
  const hasText = hasTwoTowers || SD_PIPELINES.includes(pipeline);
  if (!hasText && !THEORY_PIPELINES.includes(pipeline)) {
    throw new EaselError(
      'unsupported',
      said`model_index.json names ${pipeline || said`no pipeline`}. Easel opens folders of ${SD_PIPELINES[0]} (SD 1.x, 2.x), ${XL_PIPELINES[0]} and ${THEORY_PIPELINES.join(', ')}.`,
    );
  }
  const scheduler = await openScheduler(files, hasText ? undefined : DDPM_BETAS);
  const textTowers = hasText ? [await openTextTower(files, 'text_encoder')] : [];
  if (hasTwoTowers) textTowers.push(await openTextTower(files, 'text_encoder_2'));
  const unet = await openUnet(files, 'unet');
  const autoencoder = ['vae', 'vqvae'].find((folder) => files.list().some((path) => path.startsWith(`${folder}/`)));
  const facts = {
    ...factsOf(unet.config),
    ...(!hasText && !autoencoder && { pixels: true as const }),
    markers: { scheduler: scheduler._class_name },
  };
  return { facts, unet, textTowers, scheduler, autoencoder, classNames: namesOf(id2label, facts.classes) };
}

/** The names by label; none where one is missing. */
function namesOf(
  id2label: Readonly<Record<string, string>> | null | undefined,
  classes: number | undefined,
): string[] | undefined {
  if (!id2label || classes === undefined) return undefined;
  const names = Array.from({ length: classes }, (_, label) => id2label[label]);
  return names.every((name) => name !== undefined) ? names : undefined;
}

/** What a configuration tells of a denoiser's kind. */
export function factsOf(config: DenoiserConfig): Omit<DenoiserFacts, 'markers'> {
  const { inChannels, outChannels } = config;
  if (config.kind === 'unet2d') {
    const { classes, channels, time } = config;
    const inputs = time.kind === 'fourier' ? [SIGMA_INPUT] : [];
    return { inChannels, outChannels, contextWidth: 0, classes, multiple: 2 ** (channels.length - 1), inputs };
  }
  const { crossAttentionDim: contextWidth, linearProjection, textTime, guidanceWidth } = config;
  const inputs = [...(textTime ? SIZE_INPUTS : []), ...(guidanceWidth ? [GUIDANCE_INPUT] : [])];
  return { inChannels, outChannels, contextWidth, linearProjection, inputs };
}

/**
 * The networks of a diffusers folder, each in a sub-folder of its own with `config.json` and `.safetensors`. Only
 * headers are read, and the frequencies of Fourier features.
 * @throws EaselError `corrupt` or `unsupported` naming the file and the option or tensor.
 */
export async function openUnet(files: ModelFiles, folder: string): Promise<Network<DenoiserConfig>> {
  const path = `${folder}/config.json`;
  const config = parseDenoiserConfig(await readConfig(files, path), path);
  const weights = await openStateDict(files, folder);
  if (config.kind !== 'unet2d') return { name: folder, config, weights };
  const named = renamed(weights, attentionName);
  return { name: folder, ...(await withFrequencies(config, named, folder)) };
}

const FREQUENCIES = 'time_proj.weight';

/** Fourier features are worked out before the graph is run, so their frequencies are no weights of it. */
async function withFrequencies(
  config: Unet2dConfig,
  weights: StateDict,
  what: string,
): Promise<{ config: Unet2dConfig; weights: StateDict }> {
  if (config.time.kind !== 'fourier') return { config, weights };
  const entry = weights.entries.get(FREQUENCIES);
  if (!entry || !isFloatDtype(entry.dtype) || entry.shape.length !== 1 || entry.shape[0] !== config.channels[0])
    throw new EaselError('corrupt', said`${what}: "${FREQUENCIES}" must hold ${config.channels[0]} frequencies.`);
  const frequencies = [...decodeFloats(await weights.read(FREQUENCIES), entry.dtype)];
  return {
    config: { ...config, time: { kind: 'fourier', frequencies } },
    weights: renamed(weights, (key) => (key === FREQUENCIES ? undefined : key)),
  };
}

export async function openTextTower(files: ModelFiles, folder: string): Promise<Network<ClipTextConfig>> {
  const path = `${folder}/config.json`;
  const config = parseClipTextConfig(await readConfig(files, path), path);
  return { name: folder, config, weights: renamed(await openStateDict(files, folder), textTowerName) };
}

export async function openAutoencoder(files: ModelFiles, folder: string): Promise<Network<AutoencoderConfig>> {
  const path = `${folder}/config.json`;
  const config = parseAutoencoderConfig(await readConfig(files, path), path);
  return { name: folder, config, weights: renamed(await openStateDict(files, folder), attentionName) };
}

/** What stands in a JSON file that a model of diffusers must have. @throws EaselError `corrupt` naming the file */
async function readConfig(files: ModelFiles, path: string): Promise<unknown> {
  if (files.list().includes(path)) return readJson(files, path);
  throw new EaselError('corrupt', said`The folder "${files.name}" has no ${path}: it is not a whole diffusers model.`);
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
  beta_start: given(v.number()),
  beta_end: given(v.number()),
  beta_schedule: given(v.string()),
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
  clip_sample: given(v.boolean()),
  clip_sample_range: level(),
  thresholding: given(v.boolean()),
  dynamic_thresholding_ratio: given(v.pipe(v.number(), v.minValue(0), v.maxValue(1))),
  sample_max_value: level(),
  clip_denoised: given(v.boolean()),
  variance_type: given(v.string()),
});

/** Where a scheduler does not say how it was trained: as Stable Diffusion, or as DDPM was, diffusers' default. */
const SD_BETAS = { beta_start: 0.00085, beta_end: 0.012, beta_schedule: 'scaled_linear' };
const DDPM_BETAS: typeof SD_BETAS = { beta_start: 0.0001, beta_end: 0.02, beta_schedule: 'linear' };

/** A scheduler's configuration. */
export type Scheduler = v.InferOutput<typeof SchedulerSchema> & typeof SD_BETAS;

/**
 * The scheduler's configuration, as far as it tells how the model was trained.
 * @throws EaselError `corrupt` or `unsupported` naming the file and the field.
 */
export async function openScheduler(files: ModelFiles, betas = SD_BETAS): Promise<Scheduler> {
  const path = 'scheduler/scheduler_config.json';
  const scheduler = readFields(SchedulerSchema, await readConfig(files, path), path);
  const { beta_start, beta_end, beta_schedule } = scheduler;
  return {
    ...scheduler,
    beta_start: beta_start ?? betas.beta_start,
    beta_end: beta_end ?? betas.beta_end,
    beta_schedule: beta_schedule ?? betas.beta_schedule,
  };
}
