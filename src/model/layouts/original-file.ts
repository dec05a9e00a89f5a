import { EaselError, type Said, said } from '../../core/errors';
import type { AutoencoderConfig } from '../graph/autoencoder-config';
import type { ClipTextConfig, UnetConfig } from '../graph/config';
import { decodeFloats, isFloatDtype } from '../weights/dtypes';
import {
  hasOriginalVae,
  type OriginalTower,
  originalClasses,
  originalRest,
  originalUnet,
} from '../weights/original-names';
import type { StateDict, WeightsFile } from '../weights/state-dict';
import type { DenoiserFacts, PredictionType } from './facts';
import { inferClipText, inferEither, inferFacts, inferUnet } from './inferred-config';
import type { Network } from './network';

/** What the header of a checkpoint in the original layout tells before it is known of which architecture it is. */
export interface OriginalFile {
  path: string;
  dict: StateDict;
  unet: StateDict;
  facts: DenoiserFacts;
  /** What it predicts, where the file says so. */
  statedPrediction: PredictionType | undefined;
  hasZeroTerminalSnr: boolean;
  hasVae: boolean;
}

/** What each matrix of a file in scaled 8-bit floats is to be multiplied by. */
const SCALED = /(^|\.)(scaled_fp8|scale_weight|weight_scale)$/;

/** Keys that stand in a file to say how it was trained. */
const MARKERS = ['v_pred', 'ztsnr', 'edm_mean', 'edm_std', 'edm_vpred.sigma_max', 'edm_vpred.sigma_min'];
/** A mark holds a number, or one for each channel. */
const MAX_MARK_BYTES = 1024;

/** The numbers under the marks, by their keys. */
export async function markerNumbers({ dict }: OriginalFile): Promise<Record<string, readonly number[]>> {
  const numbers: Record<string, readonly number[]> = {};
  for (const key of MARKERS) {
    const entry = dict.entries.get(key);
    if (!entry || !isFloatDtype(entry.dtype) || entry.end - entry.start > MAX_MARK_BYTES) continue;
    numbers[key] = [...decodeFloats(await dict.read(key), entry.dtype)];
  }
  return numbers;
}

/**
 * Reads a checkpoint's header.
 * @throws EaselError `unsupported` saying what the file is instead; `corrupt` naming a missing or doubled key.
 */
export function readOriginalFile({ path, dict, metadata }: WeightsFile): OriginalFile {
  const unet = originalUnet(dict);
  const has = (key: string) => dict.entries.has(key);
  const scale = [...dict.entries.keys()].find((key) => SCALED.test(key));
  if (scale !== undefined)
    throw new EaselError(
      'unsupported',
      said`${path} holds weights that "${scale}" scales, a format of ComfyUI's for 8 bits that Easel does not read. Get it in fp16, or in plain fp8.`,
    );
  return {
    path,
    dict,
    unet,
    facts: {
      ...inferFacts(unet, path, { ...metadata, ...Object.fromEntries(MARKERS.filter(has).map((key) => [key, true])) }),
      classes: originalClasses(dict).entries.get('weight')?.shape[0],
    },
    statedPrediction: statedPrediction(has, metadata),
    hasZeroTerminalSnr: has('ztsnr'),
    hasVae: hasOriginalVae(dict),
  };
}

/** A row of numbers for each class. */
export interface ClassTable {
  classes: number;
  width: number;
}

/** A file's networks, their configurations read off the shapes. */
export interface OriginalNetworks {
  unet: Network<UnetConfig>;
  textTowers: readonly Network<ClipTextConfig>[];
  /** What stands for each class among words, where it is told a class. */
  classes?: Network<ClassTable>;
  /** Its own autoencoder. @throws EaselError `corrupt` naming a missing key */
  autoencoder(): Network<AutoencoderConfig>;
  unusedKeys: readonly string[];
  /** What was found odd, in sentences. */
  warnings: readonly Said[];
}

/**
 * The networks of a file in the original layout.
 * @param towers where the text towers of its architecture lie
 * @param scaling what its architecture's latents are multiplied by
 * @throws EaselError `unsupported` where a text tower is not there, `corrupt` naming a missing or doubled key.
 */
export function originalNetworks(
  { path, dict, unet, facts }: OriginalFile,
  towers: readonly OriginalTower[],
  scaling: number,
): OriginalNetworks {
  const rest = originalRest(dict, towers);
  const absent = rest.towers.findIndex(({ entries }) => entries.size === 0);
  if (towers.length > 1 && absent >= 0) {
    throw new EaselError(
      'unsupported',
      said`${path} lacks one of its two text towers ("${towers[absent].prefixes[0]}..."): an SDXL refiner or an unCLIP model, or a UNet alone.`,
    );
  }
  const textTowers = rest.towers.map((weights, i) => {
    const activation = towers[i].naming === 'clip' ? 'quick_gelu' : 'gelu';
    return { name: path, config: inferClipText(weights, path, activation), weights };
  });
  const beside = { projection: textTowers[1]?.config.projection, byClass: facts.classes !== undefined };
  return {
    unet: { name: path, config: inferUnet(unet, path, beside), weights: unet },
    textTowers,
    classes: classTable(dict, path, facts),
    autoencoder: () => ({ name: path, config: inferEither(rest.vae, path, scaling), weights: rest.vae }),
    unusedKeys: rest.unusedKeys,
    warnings: rest.warnings,
  };
}

function classTable(dict: StateDict, name: string, { classes, contextWidth }: DenoiserFacts) {
  if (classes === undefined) return undefined;
  const weights = originalClasses(dict);
  const shape = weights.entries.get('weight')?.shape ?? [];
  if (shape.length === 2 && shape[1] === contextWidth)
    return { name, config: { classes, width: contextWidth }, weights };
  const message = said`${name}: its classes have the shape [${shape.join(', ')}]; its UNet reads ${contextWidth} numbers of each.`;
  throw new EaselError('corrupt', message);
}

/** What the file says of itself: metadata of Stability's ModelSpec and of kohya's scripts, and marker keys. */
function statedPrediction(
  has: (key: string) => boolean,
  metadata: WeightsFile['metadata'],
): PredictionType | undefined {
  if (has('edm_mean') && has('edm_std')) return 'epsilon';
  if (has('edm_vpred.sigma_max') || has('v_pred') || metadata.ss_v_parameterization === 'True') return 'v_prediction';
  switch (metadata['modelspec.prediction_type']?.toLowerCase()) {
    case 'v':
    case 'v_prediction':
    case 'v-prediction':
      return 'v_prediction';
    case 'epsilon':
      return 'epsilon';
    default:
      return has('ztsnr') ? 'v_prediction' : undefined;
  }
}
