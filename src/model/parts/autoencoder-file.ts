import { EaselError, said } from '../../core/errors';
import type { AutoencoderConfig, TinyConfig } from '../graph/autoencoder-config';
import { CODEBOOK, inferAutoencoder, inferVq } from '../layouts/inferred-config';
import type { Network } from '../layouts/network';
import type { ModelFiles } from '../weights/model-files';
import { attentionName } from '../weights/names';
import { originalVae } from '../weights/original-names';
import { openFile, renamed, type StateDict, type WeightsFile } from '../weights/state-dict';
import { isOriginalTaesd, originalTaesd } from '../weights/taesd-names';

/** A .safetensors file that holds an autoencoder alone, to be used in the place of a model's own. */
export interface VaeFile {
  files: ModelFiles;
  path: string;
}

/** Of every Stable Diffusion up to SDXL. */
const LATENT_CHANNELS = 4;

/** How an autoencoder's levels are named. */
export type AutoencoderForm = 'original' | 'diffusers' | 'tiny';

const FORMS: Readonly<Record<AutoencoderForm, RegExp>> = {
  original: /^(?:(?:state_dict|module|first_stage_model)\.)*(?:encoder|decoder)\.(?:down|up)\.\d+\.block\./,
  diffusers: /^(?:encoder|decoder)\.(?:down|up)_blocks\./,
  tiny: /^(?:encoder|decoder)\.layers\.\d+\.(?:conv\.\d+\.)?(?:weight|bias)$/,
};

/** Which form of an autoencoder is among the keys, if any. */
export function autoencoderForm(keys: readonly string[]): AutoencoderForm | undefined {
  if (isOriginalTaesd(keys)) return 'tiny';
  return (Object.keys(FORMS) as AutoencoderForm[]).find((form) => keys.some((key) => FORMS[form].test(key)));
}

/** Opens an autoencoder's file; only its header is read. @param scaling as `readVae`'s */
export async function openVae({ files, path }: VaeFile, scaling: number): Promise<Network<AutoencoderConfig>> {
  return readVae(await openFile(files, path), scaling);
}

/**
 * An autoencoder by its file's header: in the original layout (with or without `first_stage_model.`), in diffusers', or
 * TAESD's (AutoencoderTiny, or its author's own files, the decoder also alone). Its configuration comes from its
 * shapes.
 * @param scaling what its latents are multiplied by, where it is none of TAESD's
 * @throws EaselError `unsupported` where it is none of these, or for another kind of latent; `corrupt` naming a missing
 * key.
 */
export function readVae({ dict, path }: WeightsFile, scaling: number): Network<AutoencoderConfig> {
  const network = networkOf(dict, path, scaling);
  if (network.config.latentChannels !== LATENT_CHANNELS) {
    throw new EaselError(
      'unsupported',
      said`${path} makes latents of ${network.config.latentChannels} channels; this model paints in ${LATENT_CHANNELS}.`,
    );
  }
  return network;
}

function networkOf(dict: StateDict, path: string, scaling: number): Network<AutoencoderConfig> {
  const convolutional = (weights: StateDict) => ({
    name: path,
    config: (weights.entries.has(CODEBOOK) ? inferVq : inferAutoencoder)(weights, path, scaling),
    weights,
  });
  const keys = [...dict.entries.keys()];
  const form = autoencoderForm(keys);
  switch (form) {
    case 'original':
      return convolutional(originalVae(dict));
    case 'diffusers':
      return convolutional(renamed(dict, attentionName));
    case 'tiny':
      return tinyNetwork(isOriginalTaesd(keys) ? originalTaesd(dict) : dict, path);
    case undefined:
      throw new EaselError(
        'unsupported',
        said`${path} is not an autoencoder: it has neither "encoder.down.0.block.0...", "encoder.down_blocks..." nor "decoder.layers...".`,
      );
    default:
      form satisfies never;
      throw new RangeError(`Unknown form "${String(form)}".`);
  }
}

function tinyNetwork(weights: StateDict, path: string): Network<AutoencoderConfig> {
  if ([...weights.entries.keys()].some((key) => key.startsWith('decoder.layers.')))
    return { name: path, config: inferTiny(weights, path), weights };
  const message = said`${path} is TAESD's encoder alone, which can decode nothing. Add the file of its decoder, or the one with both.`;
  throw new EaselError('unsupported', message);
}

/** No autoencoder has so many layers; a file that claims more is wrong. */
const MAX_LAYERS = 200;

/** Each half of TAESD is a list: a convolution, then on every level some blocks and a convolution after them. */
function inferTiny(dict: StateDict, path: string): TinyConfig {
  const side = (key: string, axis: number) => {
    const found = dict.entries.get(key)?.shape[axis];
    if (!found || found > 4096)
      throw new EaselError('corrupt', said`${path}: "${key}" is missing or has no sensible shape.`);
    return found;
  };
  const halves = (['encoder', 'decoder'] as const).map((half) => {
    const blocks: number[] = [];
    const isThere = half === 'decoder' || [...dict.entries.keys()].some((key) => key.startsWith('encoder.'));
    if (!isThere) return { blocks, last: '', channels: [] };
    let last = '';
    for (let i = 0; i < MAX_LAYERS; i++) {
      if (dict.entries.has(`${half}.layers.${i}.conv.0.weight`)) blocks[blocks.length - 1]++;
      else if (dict.entries.has(`${half}.layers.${i}.weight`)) {
        blocks.push(0);
        last = `${half}.layers.${i}.weight`;
      }
    }
    // The last convolution opens no level.
    blocks.pop();
    const width = side(`${half}.layers.0.weight`, 0);
    return { blocks, last, channels: blocks.map(() => width) };
  });
  const [encoder, decoder] = halves;
  return {
    kind: 'tiny',
    inChannels: encoder.blocks.length > 0 ? side('encoder.layers.0.weight', 1) : side(decoder.last, 0),
    outChannels: side(decoder.last, 0),
    latentChannels: side('decoder.layers.0.weight', 1),
    encoderChannels: encoder.channels,
    decoderChannels: decoder.channels,
    encoderBlocks: encoder.blocks,
    decoderBlocks: decoder.blocks,
    scalingFactor: 1,
    shiftFactor: 0,
  };
}
