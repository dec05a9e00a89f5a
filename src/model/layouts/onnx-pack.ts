import * as v from 'valibot';
import type { TensorSpec } from '../graph/types';
import { readFields } from '../read-fields';
import { readJson } from '../weights/json-file';
import type { ModelFiles } from '../weights/model-files';
import type { DenoiserFacts } from './facts';

/** Whether the files are a model that was exported to ONNX, in Optimum's layout. */
export function isPack(files: ModelFiles): boolean {
  return files.list().includes('unet/model.onnx');
}

/** Whether its text goes through two towers. */
export function hasTwoTowers(files: ModelFiles): boolean {
  return files.list().includes('text_encoder_2/model.onnx');
}

/** Width of the text of most packs, for graphs that leave it free. */
const USUAL_TEXT_WIDTH = 768;

/** What the graphs' own inputs tell. */
export interface PackFacts {
  denoiser: DenoiserFacts;
  latentChannels: number;
  /** Side of the latents that it was exported for, in cells, where it is fixed. */
  latentSide?: number;
}

/** @param usualChannels of latents, for graphs that leave them free */
export function packFacts(
  unet: readonly TensorSpec[],
  decoder: readonly TensorSpec[],
  usualChannels: number,
  schedulerClass: string | undefined,
): PackFacts {
  const fixed = (inputs: readonly TensorSpec[], rank: number, axis: number) => {
    const side = inputs.find(({ dims }) => dims.length === rank)?.dims[axis];
    return typeof side === 'number' ? side : undefined;
  };
  const latentChannels = fixed(decoder, 4, 1) ?? usualChannels;
  return {
    denoiser: {
      inChannels: fixed(unet, 4, 1) ?? latentChannels,
      contextWidth: fixed(unet, 3, 2) ?? USUAL_TEXT_WIDTH,
      inputs: unet.map(({ name }) => name),
      markers: { scheduler: schedulerClass },
    },
    latentChannels,
    latentSide: fixed(unet, 4, 2),
  };
}

const AutoencoderSchema = v.object({
  scaling_factor: v.optional(v.message(v.pipe(v.number(), v.finite(), v.gtValue(0)), 'must be a number over 0')),
});

/** What the pack's latents are multiplied by, where it says so. @throws EaselError `corrupt` for what is no factor */
export async function packScaling(files: ModelFiles): Promise<number | undefined> {
  const path = ['vae_decoder/config.json', 'vae/config.json'].find((candidate) => files.list().includes(candidate));
  if (path === undefined) return undefined;
  return readFields(AutoencoderSchema, await readJson(files, path), path).scaling_factor;
}
