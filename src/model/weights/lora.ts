import { EaselError } from '../../core/errors';
import type { ModelFiles } from '../types';
import { diffusersUnetModule } from './original-names';
import { openFile, type StateDict } from './state-dict';

/**
 * Low-rank adaptation (Hu et al. 2021): W + scale up down, merged when a tensor is served. Key forms: kohya's scripts
 * (`lora_unet_..._to_q.lora_down.weight`, for SDXL under the original block names), diffusers and PEFT
 * (`unet....to_q.lora_A.weight`), LyCORIS' LoCon for convolutions, also with its middle factor.
 */

/** Which of a model's networks a module belongs to. */
export type AdaptedNetwork = 'unet' | 'text_encoder' | 'text_encoder_2';

/** Keys of one module's factors in the file. */
export interface Factors {
  down?: string;
  up?: string;
  mid?: string;
  alpha?: string;
}

/** An opened LoRA file; its factors are still unread. */
export interface Lora {
  name: string;
  dict: StateDict;
  /** By network, then by the module's name with all dots as underscores. */
  modules: Readonly<Record<AdaptedNetwork, ReadonlyMap<string, Factors>>>;
}

const PREFIXES: readonly (readonly [prefix: RegExp, network: AdaptedNetwork])[] = [
  [/^lora_unet_/, 'unet'],
  [/^lora_te1?_/, 'text_encoder'],
  [/^lora_te2_/, 'text_encoder_2'],
  [/^(?:base_model\.model\.)?unet\./, 'unet'],
  [/^(?:base_model\.model\.)?text_encoder\./, 'text_encoder'],
  [/^(?:base_model\.model\.)?text_encoder_2\./, 'text_encoder_2'],
  [/^base_model\.model\.(?=text_model\.)/, 'text_encoder'],
  [/^base_model\.model\./, 'unet'],
  [/^(?=(?:down_blocks|mid_block|up_blocks)\.)/, 'unet'],
];

/** How the files call a module's factors, at the end of the key. */
const ENDINGS: readonly (readonly [ending: RegExp, factor: keyof Factors])[] = [
  [/\.lora_down\.weight$/, 'down'],
  [/\.lora_up\.weight$/, 'up'],
  [/\.lora_mid\.weight$/, 'mid'],
  [/\.lora_A(?:\.default)?\.weight$/, 'down'],
  [/\.lora_B(?:\.default)?\.weight$/, 'up'],
  [/[._]lora(?:_linear_layer)?\.down\.weight$/, 'down'],
  [/[._]lora(?:_linear_layer)?\.up\.weight$/, 'up'],
  [/\.alpha$/, 'alpha'],
];

/** Other methods' factors, refused by name. */
const FOREIGN: readonly (readonly [RegExp, string])[] = [
  [/\.dora_scale$|\.lora_magnitude_vector/, 'DoRA'],
  [/\.hada_w[12]_[ab]$|\.hada_t[12]$/, 'LoHa'],
  [/\.lokr_(w[12]|t2)/, 'LoKr'],
  [/\.oft_(blocks|diag)$/, 'OFT'],
  [/\.on_input$/, 'IA3'],
  [/\.diff(_b)?$/, 'full differences'],
];

/**
 * Opens a LoRA file; only its header is read.
 * @throws EaselError `unsupported` naming the method where it is another (DoRA, LoHa ...) or the key that no form has;
 *   `corrupt` naming a module that lacks a factor.
 */
export async function openLora(files: ModelFiles, path: string): Promise<Lora> {
  const { dict } = await openFile(files, path);
  const name = path.replace(/^.*\/|\.safetensors$/g, '');
  const modules = {
    unet: new Map<string, Factors>(),
    text_encoder: new Map<string, Factors>(),
    text_encoder_2: new Map<string, Factors>(),
  };
  for (const key of dict.entries.keys()) {
    const foreign = FOREIGN.find(([pattern]) => pattern.test(key));
    if (foreign) {
      throw new EaselError(
        'unsupported',
        `${path} uses ${foreign[1]} ("${key}"), which Easel cannot merge; LoRA and LoCon it can.`,
      );
    }
    const place = placeOf(key);
    if (!place)
      throw new EaselError('unsupported', `${path} is no LoRA: "${key}" is not a key of any form that Easel knows.`);
    const factors = modules[place.network].get(place.module) ?? {};
    if (factors[place.factor] !== undefined) {
      throw new EaselError('corrupt', `${path}: "${factors[place.factor]}" and "${key}" are the same factor.`);
    }
    factors[place.factor] = key;
    modules[place.network].set(place.module, factors);
  }
  for (const [module, { up, down }] of Object.values(modules).flatMap((map) => [...map])) {
    if (!up || !down)
      throw new EaselError('corrupt', `${path}: module "${module}" lacks its ${up ? 'down' : 'up'} factor.`);
  }
  if (dict.entries.size === 0) throw new EaselError('corrupt', `${path} holds no tensors.`);
  return { name, dict, modules };
}

function placeOf(key: string): { network: AdaptedNetwork; module: string; factor: keyof Factors } | undefined {
  const prefix = PREFIXES.find(([pattern]) => pattern.test(key));
  const ending = ENDINGS.find(([pattern]) => pattern.test(key));
  if (!prefix || !ending) return undefined;
  const dotted = key.replace(prefix[0], '').replace(ending[0], '');
  // diffusers' old attention processors: `attn1.processor.to_out_lora.down.weight`.
  const module = dotted.replace('.processor.', '.').replace(/\.to_out$/, '.to_out.0');
  const flat = module.replaceAll('.', '_');
  return { network: prefix[1], module: prefix[1] === 'unet' ? diffusersUnetModule(flat) : flat, factor: ending[1] };
}
