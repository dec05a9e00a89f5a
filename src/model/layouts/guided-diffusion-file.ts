import { type Said, said } from '../../core/errors';
import type { Unet2dConfig } from '../graph/unet2d-config';
import { withoutWrapper } from '../weights/guided-diffusion-names';
import type { WeightsFile } from '../weights/state-dict';
import { factsOf } from './diffusers-folder';
import type { DenoiserFacts } from './facts';
import type { Network } from './network';
import { hasWayDown, levelsOf, plainUnet } from './plain-unet';
import type { UnetSettings } from './unet-flags';

/** The code's own number of groups, and the side of the pictures where nothing tells it. */
const USUAL = { groups: 32, side: 64, steps: 1000, predicts: 'epsilon', heads: { width: 64 }, order: 'by-head', betas: 'linear' } as const satisfies UnetSettings; // biome-ignore format: one object

/**
 * What the flags of the published models say that their weights do not, by how the channels of their levels grow: what
 * differs from the usual. That of 64 pixels has the newer of the code's two attentions (`use_new_attention_order`).
 */
const PUBLISHED: Readonly<Record<string, Partial<UnetSettings>>> = {
  '1,2,3,4': { side: 64, betas: 'cosine', order: 'by-kind' },
  '1,1,2,3,4': { side: 128, heads: { count: 4 } },
  '1,1,2,2,4,4': { side: 256 },
  '0.5,1,1,2,2,4,4': { side: 512 },
};

const SCHEDULER = 'DDPMScheduler';

/** Whether keys are those of one network of guided diffusion, that no text enters. */
export function isGuidedDiffusion(keys: readonly string[]): boolean {
  return hasWayDown(keys) && keys.some((key) => withoutWrapper(key) === 'out.2.weight');
}

/** What the file holds, and what its weights do not tell: as its flags say, or as the published models have it. */
export interface GuidedDiffusionFile {
  facts: DenoiserFacts;
  unet: Network<Unet2dConfig>;
  scheduler: {
    _class_name: string;
    num_train_timesteps: number;
    beta_schedule: string;
    beta_start: number;
    beta_end: number;
    variance_type: string;
  };
  predicts: UnetSettings['predicts'];
  warnings: readonly Said[];
}

/**
 * Reads a network of guided diffusion (Dhariwal and Nichol 2021) under the key names of its public code, as its own
 * checkpoints (`.pt`) have them. Only the header is read.
 * @param flags that it was trained with, where a person says them
 * @throws EaselError `unsupported` for what the graphs do not build, `corrupt` naming a missing key
 */
export function readGuidedDiffusion(
  { path, dict }: WeightsFile,
  flags: Partial<UnetSettings> = {},
): GuidedDiffusionFile {
  const levels = levelsOf(dict, path);
  const published = PUBLISHED[levels.growth];
  const settings: UnetSettings = { ...USUAL, ...published, ...flags };
  const unet = plainUnet(dict, levels, settings, path);
  const { inChannels, outChannels } = unet.config;
  const learnsVariance = outChannels === 2 * inChannels;
  return {
    facts: { ...factsOf(unet.config), pixels: true, markers: { scheduler: SCHEDULER } },
    unet,
    scheduler: {
      _class_name: SCHEDULER,
      num_train_timesteps: settings.steps,
      beta_schedule: settings.betas === 'cosine' ? 'squaredcos_cap_v2' : 'linear',
      // The code's ends are meant for 1000 steps, and are scaled for others.
      beta_start: 0.1 / settings.steps,
      beta_end: 20 / settings.steps,
      variance_type: learnsVariance ? 'learned_range' : 'fixed_large',
    },
    predicts: settings.predicts,
    warnings: Object.keys(flags).length > 0 ? [] : [assumed(settings, published !== undefined && learnsVariance)],
  };
}

/** What is taken for granted, and where a person can say otherwise. */
function assumed({ side = USUAL.side, betas, heads, order }: UnetSettings, isPublished: boolean): Said {
  const levels = betas === 'cosine' ? said`cosine` : said`linear`;
  const are =
    'count' in heads
      ? said`${heads.count} heads of attention on each level`
      : said`attention by heads of ${heads.width} channels`;
  const rows =
    order === 'by-kind' ? said`all queries before all keys` : said`each head’s query, key and value together`;
  const as = isPublished
    ? said`It is taken to be as guided diffusion’s published models`
    : said`It is unlike guided diffusion’s published models and may have been trained otherwise (a consistency model has the same tensors). It is taken to be`;
  return said`The file holds weights alone. ${as}: pictures of ${side} × ${side}, ${levels} noise levels, ${are}, ${rows}. Where that is wrong, open a folder with the file and a config.json that has the code’s flags (num_heads or num_head_channels, use_new_attention_order, noise_schedule, image_size).`;
}
