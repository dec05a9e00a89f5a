import * as v from 'valibot';
import { asMessage, said } from '../../core/errors';
import { count } from '../graph/config-fields';
import { readFields } from '../read-fields';
import { readJson } from '../weights/json-file';
import type { ModelFiles } from '../weights/model-files';
import type { HeadOrder, Heads } from '../weights/split-heads';

/** What the weights of a UNet that no text enters do not tell. */
export interface UnetSettings {
  heads: Heads;
  order: HeadOrder;
  /** Of all its normalisations. */
  groups: number;
  /** Of the pictures that it paints, in pixels, where anything tells. */
  side?: number;
  betas: 'linear' | 'cosine';
  steps: number;
  predicts: 'epsilon' | 'sample';
}

/** Where a person says it, beside the weights. */
const FLAGS = 'config.json';

/** Guided diffusion's own names, as its scripts take them; -1 stands for none. */
const FlagsSchema = v.object({
  image_size: v.nullish(count(4096)),
  num_heads: v.nullish(v.union([v.literal(-1), count(256)], asMessage(said`must be a whole number`))),
  num_head_channels: v.nullish(v.union([v.literal(-1), count(4096)], asMessage(said`must be a whole number`))),
  use_new_attention_order: v.nullish(v.boolean()),
  noise_schedule: v.nullish(v.picklist(['linear', 'cosine'])),
  diffusion_steps: v.nullish(count(100_000)),
  predict_xstart: v.nullish(v.boolean()),
  // The code has 32 throughout; those who train narrower networks change it.
  norm_num_groups: v.nullish(count(1024)),
});

/**
 * The flags with which a network was trained, from config.json beside its file; undefined where there is none.
 * @throws EaselError `corrupt` or `unsupported` naming the flag
 */
export async function readUnetFlags(files: ModelFiles): Promise<Partial<UnetSettings> | undefined> {
  if (!files.list().includes(FLAGS)) return undefined;
  const flags = readFields(FlagsSchema, await readJson(files, FLAGS), FLAGS);
  const { num_heads: heads, num_head_channels: width, use_new_attention_order: byKind, predict_xstart } = flags;
  const said: { [Name in keyof UnetSettings]: UnetSettings[Name] | null | undefined } = {
    heads: isSaid(width) ? { width } : isSaid(heads) ? { count: heads } : undefined,
    order: byKind ? 'by-kind' : byKind === false ? 'by-head' : undefined,
    groups: flags.norm_num_groups,
    side: flags.image_size,
    betas: flags.noise_schedule as UnetSettings['betas'] | null | undefined,
    steps: flags.diffusion_steps,
    predicts: predict_xstart ? 'sample' : predict_xstart === false ? 'epsilon' : undefined,
  };
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined && value !== null));
}

const isSaid = (value: number | null | undefined): value is number => typeof value === 'number' && value > 0;
