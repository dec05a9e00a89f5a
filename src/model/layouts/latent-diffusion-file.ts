import { EaselError, type Said, said } from '../../core/errors';
import type { AutoencoderConfig } from '../graph/autoencoder-config';
import type { Unet2dConfig } from '../graph/unet2d-config';
import { decodeFloats, isFloatDtype } from '../weights/dtypes';
import { withoutWrapper } from '../weights/guided-diffusion-names';
import { originalRest } from '../weights/original-names';
import { type StateDict, viewed, type WeightsFile } from '../weights/state-dict';
import { factsOf } from './diffusers-folder';
import type { DenoiserFacts } from './facts';
import { inferEither } from './inferred-config';
import type { Network } from './network';
import { hasWayDown, levelsOf, plainUnet } from './plain-unet';
import type { UnetSettings } from './unet-flags';

const UNET = 'model.diffusion_model.';
const MAP = 'cond_stage_model.channel_mapper.';
/** Betas of the noise levels that it was trained on, and what brings its latents to unit variance. */
const BETAS = 'betas';
const SCALE = 'scale_factor';

/**
 * How attention is cut into heads in the published models whose channels grow so: those of maps (semantic synthesis)
 * and of churches; all others have heads of one width (`num_head_channels`).
 */
const EIGHT_HEADS = ['1,4,8', '1,2,2,4,4'];
const HEAD_WIDTH = 32;
const GROUPS = 32;
/** The side in pixels of the pictures that most were trained on; they paint others, too. */
const SIDE = 256;

/** Whether keys are those of one of latent diffusion's models that neither text nor class enters. */
export function isLatentDiffusion(keys: readonly string[]): boolean {
  const bare = keys.map(withoutWrapper).filter((key) => key.startsWith(UNET));
  return hasWayDown(bare.map((key) => key.slice(UNET.length))) && bare.includes(`${UNET}out.2.weight`);
}

/** What a map of classes becomes beside a latent: a column of numbers for each class. */
export interface ClassMapConfig {
  classes: number;
  /** Channels that the denoiser is shown. */
  channels: number;
  hasBias: boolean;
}

/** What the file holds, and what its weights do not tell. */
export interface LatentDiffusionFile {
  facts: DenoiserFacts;
  unet: Network<Unet2dConfig>;
  /** Its own autoencoder. @throws EaselError `corrupt` naming a missing key */
  autoencoder(): Network<AutoencoderConfig>;
  classMap?: Network<ClassMapConfig>;
  /** Where the file has them. */
  betas?: number[];
  unusedKeys: readonly string[];
  warnings: readonly Said[];
}

/**
 * Reads a model of latent diffusion (Rombach et al. 2022) that neither text nor class enters, under the key names of
 * its public code: an unconditional one, one that makes a picture larger, or one that paints a map of classes.
 * @param scaling what its architecture's latents are multiplied by, where the file does not say
 * @param flags that it was trained with, where a person says them
 * @throws EaselError `unsupported` for what the graphs do not build, `corrupt` naming a missing key
 */
export async function readLatentDiffusion(
  { path, dict }: WeightsFile,
  scaling: number,
  flags: Partial<UnetSettings> = {},
): Promise<LatentDiffusionFile> {
  const own = behind(dict, UNET);
  const levels = levelsOf(own, path);
  const heads = EIGHT_HEADS.includes(levels.growth) ? { count: 8 } : { width: HEAD_WIDTH };
  const settings: UnetSettings = { heads, order: 'by-head', groups: GROUPS, betas: 'linear', steps: 1000, predicts: 'epsilon', ...flags }; // biome-ignore format: one object
  const unet = plainUnet(own, levels, { ...settings, side: undefined }, path);
  const { vae, unusedKeys } = originalRest(dict, []);
  const scale = (await numbersOf(dict, SCALE))?.[0] ?? scaling;
  const map = classMapOf(behind(dict, MAP), path);
  const betas = await numbersOf(dict, BETAS);
  return {
    facts: { ...factsOf(unet.config), ...(map && { mapClasses: map.config.classes }), markers: {} },
    unet,
    autoencoder: () => ({ name: path, config: inferEither(vae, path, scale), weights: vae }),
    classMap: map,
    betas,
    unusedKeys: unusedKeys.filter((key) => !key.startsWith(MAP)),
    warnings: flags.heads ? [] : [assumedHeads(settings)],
  };
}

/** The side of its pictures' latents, where they are of so many pixels a cell. */
export const latentSide = (pixels: number, side = SIDE): number => Math.round(side / pixels);

function assumedHeads({ heads }: UnetSettings): Said {
  const are = 'count' in heads ? said`${heads.count} heads on each level` : said`heads of ${heads.width} channels`;
  return said`The file does not say how its attention is cut into heads. It is taken to have ${are}, as latent diffusion’s published models of this shape. Where that is wrong, open a folder with the file and a config.json that has num_heads or num_head_channels.`;
}

/** The tensors whose keys begin so, without that. */
function behind(dict: StateDict, prefix: string): StateDict {
  return viewed(dict, (key) => {
    const bare = withoutWrapper(key);
    return bare.startsWith(prefix) ? [{ key: bare.slice(prefix.length) }] : [];
  });
}

async function numbersOf(dict: StateDict, name: string): Promise<number[] | undefined> {
  const found = [...dict.entries].find(([key]) => withoutWrapper(key) === name);
  if (!found || !isFloatDtype(found[1].dtype)) return undefined;
  return [...decodeFloats(await dict.read(found[0]), found[1].dtype)];
}

function classMapOf(weights: StateDict, name: string): Network<ClassMapConfig> | undefined {
  const shape = weights.entries.get('weight')?.shape;
  if (!shape) return undefined;
  const [channels, classes, ...kernel] = shape;
  if (kernel.join() !== '1,1' || classes > MAX_CLASSES)
    throw new EaselError('corrupt', said`${name}: "${MAP}weight" cannot have the shape [${shape.join(', ')}].`);
  return { name, config: { classes, channels, hasBias: weights.entries.has('bias') }, weights };
}

/** A picture's pixels are bytes. */
const MAX_CLASSES = 256;
