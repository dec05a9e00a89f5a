import { EaselError, type Said, said } from '../../core/errors';
import { textTowerName } from './names';
import { renamed, type StateDict, type View, viewed } from './state-dict';

/**
 * Single-file checkpoints keep the names of the code they were trained with (CompVis and Stability's `ldm` and `sgm`,
 * OpenCLIP). Here, and only here, they are rewritten to diffusers' and transformers'.
 */

/** A text tower in this layout. */
export interface OriginalTower {
  /** Where its keys may begin. */
  prefixes: readonly string[];
  /** `clip` is OpenAI's, with transformers' names; `openClip` has names of its own. */
  naming: 'clip' | 'openClip';
  /** How many of its layers are read, of so many that the file holds; all, where left out. */
  layersRead?(held: number): number;
  /** Whether its projected output is read. */
  hasProjection: boolean;
}

/** What lies beside the UNet in one file, by the names the graphs use; empty where no key belongs to it. */
export interface OriginalRest {
  vae: StateDict;
  towers: readonly StateDict[];
  /** Keys that no network has a place for. */
  unusedKeys: readonly string[];
  /** What was found odd, in sentences. */
  warnings: readonly Said[];
}

const UNET_PREFIX = 'model.diffusion_model.';

/** Every UNet of this layout begins so. */
const FIRST_LAYER = 'model.diffusion_model.input_blocks.0.0.weight';

/** Outer wrappers that some training scripts leave on every key. */
const WRAPPER = /^(?:(?:state_dict|module)\.)+/;

/** Where what reads the text lies, of whatever kind. */
export const TEXT_TOWER = /^(?:(?:state_dict|module)\.)*(?:cond_stage_model|conditioner)\./;

/** Whether keys hold a UNet in this layout. */
export function hasOriginalUnet(keys: readonly string[]): boolean {
  return keys.some((key) => key.replace(WRAPPER, '') === FIRST_LAYER);
}

const VAE_PREFIX = 'first_stage_model.';
/** Latent diffusion's class-conditional models keep a row of numbers for each class where others read text. */
const CLASS_PREFIX = 'cond_stage_model.embedding.';

/**
 * Known keys that carry nothing a picture needs: averages kept for training, tables of the noise schedule, CLIP's image
 * half.
 */
const IGNORABLE = [
  /^model_ema\./,
  /^(betas|alphas_cumprod(_prev)?|sqrt_(one_minus_|recip(m1)?_)?alphas_cumprod|sqrt_recipm1?_alphas_cumprod|log_one_minus_alphas_cumprod)$/,
  /^(posterior_(variance|log_variance_clipped|mean_coef[12])|lvlb_weights|logvar|scale_factor|global_step)$/,
  /^(denoiser\.(sigmas|log_sigmas)|model\.(betas|alphas_cumprod.*|sigmas|log_sigmas))$/,
  /^(v_pred|ztsnr|edm_(mean|std)|edm_vpred\.sigma_(max|min))$/,
  /^(first_stage_model\.(loss|model_ema)|embedding_manager|safety_checker|train_unet_metrics|loss)\./,
  /(^|\.)(position_ids|num_batches_tracked|logit_scale|attn_mask)$/,
  /^(cond_stage_model|conditioner\.embedders\.[01])\.(model\.)?(visual|vision_model|visual_projection)\b/,
  /^(cond_stage_model|conditioner\.embedders\.0)\.(transformer\.)?text_projection(\.weight)?$/,
];

/** A tensor's key without wrappers, and whether it is one that a picture may need. */
function bareKey(key: string): string | undefined {
  const bare = key.replace(WRAPPER, '');
  return IGNORABLE.some((pattern) => pattern.test(bare)) ? undefined : bare;
}

/** The tensors whose keys begin with one of the prefixes. Nothing is read, nothing copied. */
function under(
  dict: StateDict,
  prefixes: readonly string[],
  views: (key: string, shape: readonly number[]) => readonly View[],
  onTwice?: (earlier: string, later: string) => void,
): StateDict {
  const look = (key: string, { shape }: { shape: readonly number[] }) => {
    const bare = bareKey(key);
    const prefix = prefixes.find((start) => bare?.startsWith(start));
    return bare === undefined || prefix === undefined ? [] : views(bare.slice(prefix.length), shape);
  };
  return viewed(dict, look, onTwice);
}

/**
 * A file's UNet, under diffusers' names.
 * @throws EaselError `unsupported` where the file has none in this layout, `corrupt` where two keys stand for one.
 */
export function originalUnet(dict: StateDict): StateDict {
  const keys = [...dict.entries.keys()].map((key) => key.replace(WRAPPER, ''));
  if (!keys.includes(FIRST_LAYER))
    throw new EaselError(
      'unsupported',
      said`This file is not a Stable Diffusion checkpoint: it has no "${FIRST_LAYER}".`,
    );
  const blocks = blocksPerLevel(keys);
  return under(dict, [UNET_PREFIX], (key) => [{ key: unetName(key, blocks) }]);
}

/** Whether a file has any of an autoencoder beside its UNet. */
export function hasOriginalVae(dict: StateDict): boolean {
  return [...dict.entries.keys()].some((key) => bareKey(key)?.startsWith(VAE_PREFIX));
}

/**
 * What lies beside the UNet. OpenCLIP's fused query, key and value become thirds of the file's bytes. Of a text tower
 * that some training script left twice, with and without `text_model.`, the later one counts, as it does where such
 * files are loaded in torch.
 * @throws EaselError `corrupt` where two keys of the autoencoder stand for one.
 */
export function originalRest(dict: StateDict, towers: readonly OriginalTower[]): OriginalRest {
  const keys = [...dict.entries.keys()].map(bareKey).filter((key) => key !== undefined);
  const levels = count(keys, /^first_stage_model\.decoder\.up\.(\d+)\./);
  const twice: [earlier: string, later: string][] = [];
  const onTwice = (earlier: string, later: string) => void twice.push([earlier, later]);
  const prefixes = [UNET_PREFIX, VAE_PREFIX, CLASS_PREFIX, ...towers.flatMap((tower) => tower.prefixes)];
  return {
    vae: under(dict, [VAE_PREFIX], (key, shape) => [vaeView(key, shape, levels)]),
    towers: towers.map((tower) =>
      readLayers(
        under(dict, tower.prefixes, (key) => towerViews(key, tower), onTwice),
        tower,
      ),
    ),
    unusedKeys: keys.filter((key) => !prefixes.some((prefix) => key.startsWith(prefix))),
    warnings: twice
      .slice(0, 1)
      .map(
        ([earlier, later]) =>
          said`The text encoder stands in the file twice, as "${earlier}" and "${later}" (${twice.length} tensors): the later one is used.`,
      ),
  };
}

/** What stands for each class among words, `weight` [classes, width]; empty where the file has no such table. */
export function originalClasses(dict: StateDict): StateDict {
  return under(dict, [CLASS_PREFIX], (key) => [{ key }]);
}

function towerViews(key: string, { naming, hasProjection }: OriginalTower): View[] {
  const all = naming === 'clip' ? [{ key: textTowerName(key) }] : openClipViews(key);
  return all.filter(({ key: name }) => hasProjection || name !== 'text_projection.weight');
}

/** A tower without the layers at its end that are never read. */
function readLayers(dict: StateDict, { layersRead }: OriginalTower): StateDict {
  if (!layersRead) return dict;
  const layerOf = (key: string) => Number(/^text_model\.encoder\.layers\.(\d+)\./.exec(key)?.[1] ?? -1);
  const read = layersRead(Math.max(...Array.from(dict.entries.keys(), layerOf)) + 1);
  return renamed(dict, (key) => (layerOf(key) < read ? key : undefined));
}

/**
 * The autoencoder of a file in the original layout, where it lies alone or with its prefix beside others; the rest is
 * left out.
 */
export function originalVae(dict: StateDict): StateDict {
  const unwrapped = (key: string) => key.replace(WRAPPER, '');
  const keys = Array.from(dict.entries.keys(), unwrapped);
  const isPrefixed = keys.some((key) => key.startsWith(VAE_PREFIX));
  const bare = (key: string) => unwrapped(key).replace(/^first_stage_model\./, '');
  const levels = count(keys.map(bare), /^decoder\.up\.(\d+)\./);
  const isOther = (key: string) =>
    (isPrefixed && !unwrapped(key).startsWith(VAE_PREFIX)) ||
    IGNORABLE.some((pattern) => pattern.test(`first_stage_model.${bare(key)}`));
  return viewed(dict, (key, { shape }) => (isOther(key) ? [] : [vaeView(bare(key), shape, levels)]));
}

/** One more than the highest number that a pattern's first group takes. */
function count(keys: readonly string[], pattern: RegExp): number {
  return keys.reduce((most, key) => Math.max(most, Number(pattern.exec(key)?.[1] ?? -1) + 1), 0);
}

/** ResNet blocks per level: the first downsampling layer comes after that many. */
function blocksPerLevel(keys: readonly string[]): number {
  const down = keys.map((key) => /^model\.diffusion_model\.input_blocks\.(\d+)\.0\.op\./.exec(key)?.[1]);
  const first = down.filter((index) => index !== undefined).map(Number);
  return first.length > 0 ? Math.max(1, Math.min(...first) - 1) : 2;
}

export const RESNET: Readonly<Record<string, string>> = {
  'in_layers.0': 'norm1',
  'in_layers.2': 'conv1',
  'emb_layers.1': 'time_emb_proj',
  'out_layers.0': 'norm2',
  'out_layers.3': 'conv2',
  skip_connection: 'conv_shortcut',
};

const UNET_TOP: Readonly<Record<string, string>> = {
  'time_embed.0': 'time_embedding.linear_1',
  'time_embed.2': 'time_embedding.linear_2',
  'time_embed.cond_proj': 'time_embedding.cond_proj',
  'label_emb.0.0': 'add_embedding.linear_1',
  'label_emb.0.2': 'add_embedding.linear_2',
  'input_blocks.0.0': 'conv_in',
  'out.0': 'conv_norm_out',
  'out.2': 'conv_out',
};

const MIDDLE: Readonly<Record<string, string>> = { 0: 'resnets.0', 1: 'attentions.0', 2: 'resnets.1' };

/**
 * `input_blocks.4.1.proj_in.weight` -> `down_blocks.1.attentions.0.proj_in.weight`; what matches no rule stays as it
 * is.
 */
function unetName(key: string, blocks: number): string {
  const top = /^(.*)\.(weight|bias)$/.exec(key);
  if (top && Object.hasOwn(UNET_TOP, top[1])) return `${UNET_TOP[top[1]]}.${top[2]}`;
  const middle = /^middle_block\.([012])\.(.+)$/.exec(key);
  if (middle) return `mid_block.${MIDDLE[middle[1]]}.${resnetPart(middle[2])}`;
  const block = /^(input|output)_blocks\.(\d+)\.(\d)\.(.+)$/.exec(key);
  if (!block) return key;
  const [, side, number, position, rest] = block;
  // The first input block is conv_in; each level has its blocks, then on the way down one that halves the size.
  const index = side === 'input' ? Number(number) - 1 : Number(number);
  const [level, place] = [Math.floor(index / (blocks + 1)), index % (blocks + 1)];
  const module = `${side === 'input' ? 'down' : 'up'}_blocks.${level}`;
  if (rest.startsWith('op.')) return `${module}.downsamplers.0.conv.${rest.slice('op.'.length)}`;
  if (rest.startsWith('conv.')) return `${module}.upsamplers.0.${rest}`;
  return `${module}.${position === '0' ? 'resnets' : 'attentions'}.${place}.${resnetPart(rest)}`;
}

function resnetPart(rest: string): string {
  const found = /^(.*)\.(weight|bias)$/.exec(rest);
  return found && Object.hasOwn(RESNET, found[1]) ? `${RESNET[found[1]]}.${found[2]}` : rest;
}

/** SDXL's blocks as kohya's LoRAs number them: two ResNet blocks a level. */
const SDXL_BLOCKS = 2;

/**
 * A UNet module as kohya's scripts flatten it, dots as underscores -> diffusers' name flattened the same way:
 * `input_blocks_4_1_proj_in` -> `down_blocks_1_attentions_0_proj_in`. What is diffusers' already stays.
 */
export function diffusersUnetModule(flat: string): string {
  const block = /^(?:((?:input|output)_blocks)_(\d+)_(\d)|(middle_block)_(\d))_(.+)$/.exec(flat);
  if (block) {
    const head = (block[4] === undefined ? block.slice(1, 4) : block.slice(4, 6)).join('.');
    const part = Object.keys(RESNET).find((key) => key.replace('.', '_') === block[6]) ?? block[6];
    return flattened(`${head}.${part}`);
  }
  const top = Object.keys(UNET_TOP).find((key) => key.replaceAll('.', '_') === flat);
  return top === undefined ? flat : flattened(top);
}

function flattened(module: string): string {
  return unetName(`${module}.weight`, SDXL_BLOCKS).slice(0, -'.weight'.length).replaceAll('.', '_');
}

const VAE_MIDDLE: Readonly<Record<string, string>> = {
  block_1: 'resnets.0',
  block_2: 'resnets.1',
  attn_1: 'attentions.0',
};
const VAE_ATTENTION: Readonly<Record<string, string>> = {
  norm: 'group_norm',
  q: 'to_q',
  k: 'to_k',
  v: 'to_v',
  proj_out: 'to_out.0',
};

/** `decoder.up.3.block.0.nin_shortcut.weight` -> `decoder.up_blocks.0.resnets.0.conv_shortcut.weight`. */
function vaeView(key: string, shape: readonly number[], levels: number): View {
  const middle = /^(encoder|decoder)\.mid\.(block_1|block_2|attn_1)\.(.+)$/.exec(key);
  if (middle) {
    const [, half, part, rest] = middle;
    const name = `${half}.mid_block.${VAE_MIDDLE[part]}`;
    if (part !== 'attn_1') return { key: `${name}.${rest}` };
    const [layer, kind] = rest.split('.');
    // Its matrices are stored as 1x1 kernels.
    const flat = kind === 'weight' && shape.length === 4 ? { shape: shape.slice(0, 2) } : {};
    return { key: `${name}.${VAE_ATTENTION[layer] ?? layer}.${kind}`, ...flat };
  }
  const block = /^(encoder|decoder)\.(?:down|up)\.(\d+)\.(block\.(\d+)|downsample|upsample)\.(.+)$/.exec(key);
  if (!block) return { key: key.replace(/\.norm_out\./, '.conv_norm_out.') };
  const [, half, number, module, resnet, rest] = block;
  // The decoder's levels are numbered from the image, diffusers' from the latent.
  const level = half === 'encoder' ? `down_blocks.${number}` : `up_blocks.${levels - 1 - Number(number)}`;
  if (resnet === undefined) return { key: `${half}.${level}.${module}rs.0.${rest}` };
  return { key: `${half}.${level}.resnets.${resnet}.${rest.replace(/^nin_shortcut\./, 'conv_shortcut.')}` };
}

const OPEN_CLIP: Readonly<Record<string, string>> = {
  'token_embedding.weight': 'text_model.embeddings.token_embedding.weight',
  positional_embedding: 'text_model.embeddings.position_embedding.weight',
  'ln_final.weight': 'text_model.final_layer_norm.weight',
  'ln_final.bias': 'text_model.final_layer_norm.bias',
};
const OPEN_CLIP_LAYER: Readonly<Record<string, string>> = {
  ln_1: 'layer_norm1',
  ln_2: 'layer_norm2',
  'attn.out_proj': 'self_attn.out_proj',
  'mlp.c_fc': 'mlp.fc1',
  'mlp.c_proj': 'mlp.fc2',
};

/** OpenCLIP's `in_proj` is query, key and value one below the other; its projection multiplies from the right. */
function openClipViews(key: string): readonly View[] {
  if (Object.hasOwn(OPEN_CLIP, key)) return [{ key: OPEN_CLIP[key] }];
  if (key === 'text_projection') return [{ key: 'text_projection.weight', transpose: true }];
  const layer = /^transformer\.resblocks\.(\d+)\.(.+)[._](weight|bias)$/.exec(key);
  if (!layer) return [{ key }];
  const [, number, part, kind] = layer;
  const name = `text_model.encoder.layers.${number}`;
  if (part === 'attn.in_proj') {
    return (['q_proj', 'k_proj', 'v_proj'] as const).map((head, index) => ({
      key: `${name}.self_attn.${head}.${kind}`,
      part: [index, 3] as const,
    }));
  }
  return [{ key: `${name}.${OPEN_CLIP_LAYER[part] ?? part}.${kind}` }];
}
