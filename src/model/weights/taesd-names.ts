import { renamed, type StateDict } from './state-dict';

/**
 * TAESD's own files (https://github.com/madebyollin/taesd, `taesd_decoder.safetensors` and `taesd_encoder.safetensors`,
 * as A1111 and ComfyUI load them) number the layers of a PyTorch Sequential: `3.conv.0.weight`. Files that hold both
 * halves put `taesd_decoder.` or `decoder.` before.
 */
const NUMBERED = /^(?:(?:taesd_)?(encoder|decoder)\.)?(\d+)\.((?:conv\.[024]\.)?(?:weight|bias))$/;

/** ComfyUI's combined files state the latents' scale beside the layers. */
const IGNORABLE = /^vae_(scale|shift)$/;

/** Whether keys are those of TAESD's own files. */
export function isOriginalTaesd(keys: readonly string[]): boolean {
  const layers = keys.filter((key) => !IGNORABLE.test(key));
  return layers.length > 0 && layers.every((key) => NUMBERED.test(key));
}

/**
 * The same tensors under AutoencoderTiny's names: `decoder.layers.2.conv.0.weight`. The decoder's own numbering counts
 * the layer that squashes latents; diffusers' does not.
 */
export function originalTaesd(dict: StateDict): StateDict {
  // A half without a name is the encoder where its first layer has weights; the decoder's first squashes.
  const unnamed = dict.entries.has('0.weight') ? 'encoder' : 'decoder';
  return renamed(dict, (key) => {
    const found = NUMBERED.exec(key);
    if (!found) return undefined;
    const [, half = unnamed, number, rest] = found;
    return `${half}.layers.${Number(number) - (half === 'decoder' ? 1 : 0)}.${rest}`;
  });
}
