import * as v from 'valibot';
import { asMessage, said } from '../../core/errors';
import type { NetworkBytes } from '../../core/memory-need';
import { checkChannels, type LatentFormat } from '../graph/autoencoder-config';
import { finite } from '../graph/config-fields';
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

/** What the weights of a pack's graphs take, which run as they were exported: about the bytes of their files. */
export function packWeights(files: ModelFiles): { name: string; bytes: number }[] {
  const bytes = new Map<string, number>();
  for (const path of files.list()) {
    const [, name] = /^([^/]+)\/(?!.*\.(?:json|txt|md)$)/.exec(path) ?? [];
    if (name) bytes.set(name, (bytes.get(name) ?? 0) + files.size(path));
  }
  return Array.from(bytes, ([name, bytes]) => ({ name, bytes }));
}

/** The same as a picture needs them. */
export function packBytes(files: ModelFiles): NetworkBytes {
  const sum = (wanted: RegExp) =>
    packWeights(files)
      .filter(({ name }) => wanted.test(name))
      .reduce((all, { bytes }) => all + bytes, 0);
  return { text: sum(/^text_encoder/), unet: sum(/^unet$/), decoder: sum(/^vae_decoder$/) };
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
  scaling_factor: v.nullish(
    v.message(v.pipe(v.number(), v.finite(), v.gtValue(0)), asMessage(said`must be a number over 0`)),
  ),
  shift_factor: v.nullish(finite()),
  latents_mean: v.nullish(v.array(finite())),
  latents_std: v.nullish(v.array(v.message(v.pipe(finite(), v.gtValue(0)), asMessage(said`must be a number over 0`)))),
});

/**
 * How the pack's latents are brought to unit variance, as far as its autoencoder's configuration says so.
 * @param usualScaling what they are multiplied by where it does not
 * @throws EaselError `corrupt` for what is no factor, or not one for each channel
 */
export async function packLatents(files: ModelFiles, channels: number, usualScaling: number): Promise<LatentFormat> {
  const path = ['vae_decoder/config.json', 'vae/config.json'].find((candidate) => files.list().includes(candidate));
  if (path === undefined) return { scalingFactor: usualScaling, shiftFactor: 0 };
  const fields = readFields(AutoencoderSchema, await readJson(files, path), path);
  for (const name of ['latents_mean', 'latents_std'] as const) checkChannels(path, name, fields[name], channels);
  return {
    scalingFactor: fields.scaling_factor ?? usualScaling,
    shiftFactor: fields.shift_factor ?? 0,
    latentsMean: fields.latents_mean ?? undefined,
    latentsStd: fields.latents_std ?? undefined,
  };
}
