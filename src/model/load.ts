import * as v from 'valibot';
import { EaselError } from '../core/errors';
import type { ModelDefaults } from '../core/request';
import { openAutoencoder, openTextTower, openUnet, readJson } from './diffusers-folder';
import { buildAutoencoder } from './graph/autoencoder';
import { latentScaleOf } from './graph/autoencoder-config';
import { buildClipText } from './graph/clip-text';
import type { BuiltGraph, Dialect } from './graph/types';
import { buildUnet } from './graph/unet';
import { decodeWith, encodeWith } from './runtime/autoencoder';
import { predictWith } from './runtime/denoiser';
import type { ChosenDevice } from './runtime/device';
import { createSession, type Session } from './runtime/session';
import { encodeTextWith } from './runtime/text-encoder';
import { openTokenizer } from './runtime/tokenizer';
import type { ModelFiles, ModelInfo, PaintingModel, SchedulerConfig } from './types';
import { type BoundWeights, bindWeights } from './weights/bind';
import { type Manifest, parseManifest } from './weights/manifest';

/** Latent-to-RGB rows (then the bias) of Stable Diffusion 1.x's autoencoder, as ComfyUI's `latent_formats.SD15` states them. */
const SD1_PREVIEW = [
  [0.3512, 0.2297, 0.3227],
  [0.325, 0.4974, 0.235],
  [-0.2829, 0.1762, 0.2721],
  [-0.212, -0.2616, -0.7177],
  [0, 0, 0],
] as const;

const PIPELINES = ['StableDiffusionPipeline', 'StableDiffusionImg2ImgPipeline', 'StableDiffusionInpaintPipeline'];

export type LoadStage = 'read-model' | 'create-sessions';

/**
 * Opens a diffusers folder of the Stable Diffusion 1.x family on a device.
 * @throws EaselError `corrupt` or `unsupported` naming the file, option or tensor; `out-of-memory`; `device-lost`.
 */
export async function loadModel(
  files: ModelFiles,
  device: ChosenDevice,
  onStage: (stage: LoadStage) => void = () => undefined,
): Promise<PaintingModel> {
  onStage('read-model');
  const index = await readJson(files, 'model_index.json');
  const pipeline = String(index._class_name);
  if (!PIPELINES.includes(pipeline)) {
    throw new EaselError(
      'unsupported',
      `model_index.json names ${pipeline}. Easel opens folders of ${PIPELINES[0]} (SD 1.x).`,
    );
  }
  const scheduler = parseScheduler(await readJson(files, 'scheduler/scheduler_config.json'));
  const manifest = files.list().includes('manifest.json')
    ? parseManifest(await readJson(files, 'manifest.json'))
    : undefined;
  const text = await openTextTower(files, 'text_encoder');
  const unet = await openUnet(files, 'unet');
  const vae = await openAutoencoder(files, 'vae');
  const tokenizer = await openTokenizer(files);

  const operators = device.report.provider === 'webgpu' ? 'webgpu' : 'plain';
  const dialect: Dialect = { operators, precision: device.report.precision };
  // Stable Diffusion's autoencoders overflow in float16.
  const exact: Dialect = { operators, precision: 'float32' };
  const graphs = {
    text: buildClipText(text.config, dialect),
    unet: buildUnet(unet.config, dialect),
    ...buildAutoencoder(vae.config, exact),
  };
  const weights = {
    text: bindWeights([graphs.text], text.weights, text.name),
    unet: bindWeights([graphs.unet], unet.weights, unet.name),
    vae: bindWeights([graphs.decoder, graphs.encoder], vae.weights, vae.name),
  };

  onStage('create-sessions');
  const sessions = new SessionSet(device);
  try {
    const encodeText = encodeTextWith(await sessions.open(graphs.text, weights.text), text.config);
    const predict = predictWith(await sessions.open(graphs.unet, weights.unet));
    const decode = decodeWith(await sessions.open(graphs.decoder, weights.vae));
    // Only img2img and inpainting encode, so this one waits until it is asked for.
    let encoder: Promise<Session> | undefined;
    const runs = { textEncoder: 0, unet: 0, vaeDecoder: 0, vaeEncoder: 0 };
    const { scalingFactor, shiftFactor } = vae.config;
    return {
      info: describe(
        files.name,
        manifest,
        scheduler,
        unet.config.inChannels,
        unet.config.crossAttentionDim,
        unet.config.sampleSize ?? 64,
        latentScaleOf(vae.config),
      ),
      device: device.report,
      tokenizer,
      runs,
      async encodeText(ids) {
        runs.textEncoder++;
        return encodeText(ids);
      },
      async predict(input) {
        runs.unet++;
        return predict(input);
      },
      async decode(latent, height, width) {
        runs.vaeDecoder++;
        return decode(
          Float32Array.from(latent, (z) => z / scalingFactor + shiftFactor),
          height,
          width,
        );
      },
      async encode(image, height, width) {
        runs.vaeEncoder++;
        encoder ??= sessions.open(graphs.encoder, weights.vae);
        const { mean, logvar } = await encodeWith(await encoder)(image, height, width);
        const spread = 2 * Math.log(scalingFactor);
        return {
          mean: mean.map((m) => (m - shiftFactor) * scalingFactor),
          logvar: logvar.map((l) => l + spread),
        };
      },
      dispose: () => sessions.release(),
    };
  } catch (error) {
    await sessions.release();
    throw error;
  }
}

/** The sessions of one model, freed together. */
class SessionSet {
  readonly #open: Promise<Session>[] = [];
  constructor(readonly device: ChosenDevice) {}

  open(graph: BuiltGraph, weights: BoundWeights): Promise<Session> {
    const session = createSession(graph, weights, this.device);
    this.#open.push(session);
    return session;
  }

  async release(): Promise<void> {
    const settled = await Promise.allSettled(this.#open.splice(0));
    for (const outcome of settled) if (outcome.status === 'fulfilled') await outcome.value.release();
  }
}

const SchedulerSchema = v.object({
  _class_name: v.optional(v.string()),
  num_train_timesteps: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100_000)), 1000),
  beta_start: v.optional(v.number(), 0.00085),
  beta_end: v.optional(v.number(), 0.012),
  beta_schedule: v.optional(v.string(), 'scaled_linear'),
  trained_betas: v.nullish(v.array(v.number())),
  prediction_type: v.optional(v.picklist(['epsilon', 'v_prediction', 'sample']), 'epsilon'),
  timestep_spacing: v.optional(v.picklist(['leading', 'trailing', 'linspace'])),
  steps_offset: v.optional(v.pipe(v.number(), v.integer()), 0),
  set_alpha_to_one: v.optional(v.boolean(), true),
  rescale_betas_zero_snr: v.optional(v.boolean(), false),
  use_karras_sigmas: v.nullish(v.boolean()),
});

function parseScheduler(json: Record<string, unknown>): SchedulerConfig & { use_karras_sigmas?: boolean | null } {
  const result = v.safeParse(SchedulerSchema, json);
  if (result.success) return result.output;
  const issue = result.issues[0];
  throw new EaselError(
    'corrupt',
    `scheduler/scheduler_config.json: ${v.getDotPath(issue) ?? 'the file'}: ${issue.message}`,
  );
}

function describe(
  name: string,
  manifest: Manifest | undefined,
  scheduler: ReturnType<typeof parseScheduler>,
  latentChannels: number,
  contextWidth: number,
  latentSide: number,
  latentScale: number,
): ModelInfo {
  if (scheduler.prediction_type === 'sample') {
    throw new EaselError(
      'unsupported',
      'scheduler_config.json: prediction_type "sample" is not one that SD 1.x pictures are painted with.',
    );
  }
  return {
    name: manifest?.name ?? name,
    family: 'sd1',
    predictionType: scheduler.prediction_type === 'v_prediction' ? 'v_prediction' : 'epsilon',
    latentChannels,
    latentScale,
    contextWidth,
    scheduler,
    defaults: { ...ownDefaults(scheduler, latentSide * latentScale), ...manifest?.defaults },
    previewFactors: manifest?.previewFactors ?? SD1_PREVIEW,
    words: manifest?.words,
    examples: manifest?.examples,
    summary: manifest?.summary,
  };
}

/** What a folder says of itself: its training size, and the sampler that its scheduler stands for. */
function ownDefaults(scheduler: ReturnType<typeof parseScheduler>, side: number): ModelDefaults {
  const size = { width: side, height: side, steps: 20, cfgScale: 7 };
  switch (scheduler._class_name) {
    case 'DDIMScheduler':
      return { ...size, sampler: 'ddim', schedule: 'automatic' };
    case 'EulerDiscreteScheduler':
      return { ...size, sampler: 'euler', schedule: 'automatic' };
    case 'EulerAncestralDiscreteScheduler':
      return { ...size, sampler: 'euler_a', schedule: 'automatic' };
    default:
      return { ...size, sampler: 'dpmpp_2m', schedule: scheduler.use_karras_sigmas === false ? 'automatic' : 'karras' };
  }
}
