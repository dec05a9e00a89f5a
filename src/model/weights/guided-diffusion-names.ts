import { RESNET } from './original-names';

/** Outer wrappers that some training scripts leave on every key. */
const WRAPPER = /^(?:(?:state_dict|module)\.)+/;

export const withoutWrapper = (key: string): string => key.replace(WRAPPER, '');

const TOP: Readonly<Record<string, string>> = {
  'time_embed.0': 'time_embedding.linear_1',
  'time_embed.2': 'time_embedding.linear_2',
  label_emb: 'class_embedding',
  'input_blocks.0.0': 'conv_in',
  'out.0': 'conv_norm_out',
  'out.2': 'conv_out',
};
const MIDDLE: Readonly<Record<string, string>> = { 0: 'resnets.0', 1: 'attentions.0', 2: 'resnets.1' };
const ATTENTION: Readonly<Record<string, string>> = { norm: 'group_norm', qkv: 'qkv', proj_out: 'to_out.0' };

/**
 * A key of guided diffusion's public code under diffusers' names: `output_blocks.2.2.in_layers.0.weight` ->
 * `up_blocks.0.upsamplers.0.norm1.weight` where a level has two blocks. What matches no rule stays as it is.
 * @param layers ResNet blocks a level, one more on the way up
 */
export function guidedDiffusionName(key: string, layers: number): string {
  const [, module = '', kind = ''] = /^(.*)\.(weight|bias)$/.exec(withoutWrapper(key)) ?? [];
  if (Object.hasOwn(TOP, module)) return `${TOP[module]}.${kind}`;
  const [, middle, inMiddle] = /^middle_block\.([012])\.(.+)$/.exec(module) ?? [];
  if (middle) return `mid_block.${MIDDLE[middle]}.${partOf(inMiddle)}.${kind}`;
  const [, side, number, position, part] = /^(input|output)_blocks\.(\d+)\.([012])\.(.+)$/.exec(module) ?? [];
  if (!side) return withoutWrapper(key);
  const index = side === 'input' ? Number(number) - 1 : Number(number);
  const [level, place] = [Math.floor(index / (layers + 1)), index % (layers + 1)];
  const block = side === 'input' ? `down_blocks.${level}` : `up_blocks.${level}`;
  if (side === 'input' && place === layers) return `${block}.downsamplers.0.${resamplerPart(part)}.${kind}`;
  const isUpsampler = position !== '0' && !Object.hasOwn(ATTENTION, part);
  if (isUpsampler) return `${block}.upsamplers.0.${resamplerPart(part)}.${kind}`;
  return `${block}.${position === '0' ? 'resnets' : 'attentions'}.${place}.${partOf(part)}.${kind}`;
}

const partOf = (part: string): string => RESNET[part] ?? ATTENTION[part] ?? part;

/** A convolution alone, or a whole ResNet block. */
const resamplerPart = (part: string): string => (part === 'op' || part === 'conv' ? 'conv' : partOf(part));
