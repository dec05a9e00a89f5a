import { EaselError } from '../../core/errors';
import type { ClipTextConfig } from '../graph/config';
import type { Checkpoint, CheckpointOptions } from '../running/checkpoint';
import { LATENT_SCALING } from '../running/model-info';
import { openVae, placed } from '../separate-vae';
import type { Family, ModelFiles, PredictionType } from '../types';
import { type OriginalNetworks, originalNetworks } from '../weights/original-names';
import { openFile, renamed, type StateDict, type WeightsFile } from '../weights/state-dict';
import { inferAutoencoder, inferClipText, inferUnet } from './inferred-config';
import type { Network } from './network';

/**
 * Opens a single-file checkpoint in the original layout: SD 1.x, SD 2.x or SDXL, in float32, float16 or bfloat16, pruned or not.
 * Only its header is read.
 * @throws EaselError `unsupported` saying what the file is instead; `corrupt` naming a missing or doubled key.
 */
export async function openSingleFile(
  files: ModelFiles,
  path: string,
  { vae: separate }: CheckpointOptions = {},
): Promise<Checkpoint> {
  const { dict, networks, family, hasVae, ...survey } = surveySingleFile(await openFile(files, path));
  const textTowers = towersOf(family, networks, path);
  const unet = inferUnet(networks.unet, path, textTowers[1]?.config.projection);
  const own = hasVae
    ? { name: path, config: inferAutoencoder(networks.vae, path, LATENT_SCALING[family]), weights: networks.vae }
    : undefined;
  const { predictionType } = survey;
  return {
    name: path.replace(/^.*\/|\.safetensors$/g, ''),
    family,
    unet: { name: path, config: unet, weights: networks.unet },
    textTowers,
    ...placed(own, separate && (await openVae(separate, family)), path),
    scheduler: {
      num_train_timesteps: 1000,
      beta_start: 0.00085,
      beta_end: 0.012,
      beta_schedule: 'scaled_linear',
      prediction_type: predictionType,
      steps_offset: 1,
      set_alpha_to_one: false,
      rescale_betas_zero_snr: dict.entries.has('ztsnr'),
    },
    predictionType,
    predictionKnown: survey.predictionKnown,
    strays: networks.strays,
    leftOver: 'reported',
  };
}

/** What the header of a checkpoint tells before anything is made of it. */
export interface CheckpointSurvey {
  family: Family;
  /** As stated, or what the family's models mostly predict. */
  predictionType: PredictionType;
  /** Whether the file states it, or the family has but one. */
  predictionKnown: boolean;
  hasVae: boolean;
}

/**
 * What a checkpoint's header tells.
 * @throws EaselError `unsupported` saying what the file is instead; `corrupt` naming a doubled key.
 */
export function surveySingleFile({
  path,
  dict,
  metadata,
}: WeightsFile): CheckpointSurvey & { dict: StateDict; networks: OriginalNetworks } {
  const networks = originalNetworks(dict);
  const family = familyOf(networks, path);
  const stated = statedPrediction(dict, metadata);
  return {
    dict,
    networks,
    family,
    // Of SD 2.x, the 768 models predict v and the base models the noise; nothing in the file tells them apart.
    predictionType: stated ?? (family === 'sd2' ? 'v_prediction' : 'epsilon'),
    predictionKnown: stated !== undefined || family === 'sd1',
    hasVae: networks.vae.entries.size > 0,
  };
}

function familyOf({ unet, clip, openClip }: OriginalNetworks, path: string): Family {
  if (unet.entries.has('add_embedding.linear_1.weight')) {
    if (clip.entries.size > 0 && openClip.entries.size > 0) return 'sdxl';
    throw new EaselError(
      'unsupported',
      `${path} has SDXL's second conditioning but not its two text towers: an SDXL refiner or an unCLIP model, or a UNet alone.`,
    );
  }
  return openClip.entries.size > 0 ? 'sd2' : 'sd1';
}

function towersOf(family: Family, { clip, openClip }: OriginalNetworks, path: string): Network<ClipTextConfig>[] {
  const tower = (weights: StateDict, activation: ClipTextConfig['activation']) => ({
    name: path,
    config: inferClipText(weights, path, activation),
    weights,
  });
  switch (family) {
    case 'sd1':
      return [tower(clip, 'quick_gelu')];
    case 'sd2':
      return [tower(withoutLastLayer(openClip), 'gelu')];
    case 'sdxl':
      return [tower(clip, 'quick_gelu'), tower(openClip, 'gelu')];
    default:
      family satisfies never;
      throw new RangeError(`Unknown family "${String(family)}".`);
  }
}

/** SD 2.x takes the output of the last layer but one, through the final norm, and no projection. */
function withoutLastLayer(dict: StateDict): StateDict {
  const layerOf = (key: string) => Number(/^text_model\.encoder\.layers\.(\d+)\./.exec(key)?.[1] ?? -1);
  const last = Math.max(...Array.from(dict.entries.keys(), layerOf));
  return renamed(dict, (key) => (layerOf(key) === last || key === 'text_projection.weight' ? undefined : key));
}

/** What the file says of itself: metadata of Stability's ModelSpec and of kohya's scripts, and marker keys. */
function statedPrediction(dict: StateDict, metadata: Readonly<Record<string, string>>): PredictionType | undefined {
  if (dict.entries.has('v_pred') || metadata.ss_v_parameterization === 'True') return 'v_prediction';
  switch (metadata['modelspec.prediction_type']?.toLowerCase()) {
    case 'v':
    case 'v_prediction':
    case 'v-prediction':
      return 'v_prediction';
    case 'epsilon':
      return 'epsilon';
    default:
      return dict.entries.has('ztsnr') ? 'v_prediction' : undefined;
  }
}
