import { EaselError, type Said, said } from '../../core/errors';
import { parseUnet2dConfig, type Unet2dConfig } from '../graph/unet2d-config';
import { guidedDiffusionName, withoutWrapper } from '../weights/guided-diffusion-names';
import { splitHeads } from '../weights/split-heads';
import type { WeightsFile } from '../weights/state-dict';
import { factsOf } from './diffusers-folder';
import type { DenoiserFacts } from './facts';
import type { Network } from './network';

/** Of an attention's heads: all published models but the one of 128 x 128 pixels. */
const HEAD_WIDTH = 64;
/** The code's own. */
const GROUPS = 32;

/** The sides of the published models' pictures, by how the channels of their levels grow. */
const SIDES: Readonly<Record<string, number>> = { '1,2,3,4': 64, '1,1,2,2,4,4': 256 };
/** The published model whose heads are four on each level, and so of several widths. */
const FOUR_HEADS = '1,1,2,3,4';
/**
 * The published model of such pictures was trained on cosine's noise levels, and has the newer of the code's two
 * attentions (`use_new_attention_order`); those of larger ones linear levels and the older attention, its default.
 */
const SMALLEST_SIDE = 64;
/** Where the channels grow otherwise. */
const USUAL_SIDE = 64;

const SCHEDULER = 'DDPMScheduler';

/** Whether keys are those of one network of guided diffusion, that no text enters. */
export function isGuidedDiffusion(keys: readonly string[]): boolean {
  const bare = new Set(keys.map(withoutWrapper));
  const needed = [
    'time_embed.0.weight',
    'input_blocks.0.0.weight',
    'middle_block.0.in_layers.0.weight',
    'out.2.weight',
  ];
  return needed.every((key) => bare.has(key)) && !keys.some((key) => key.includes('.transformer_blocks.'));
}

/** What the file holds, and what its shapes do not tell as the published models have it. */
export interface GuidedDiffusionFile {
  facts: DenoiserFacts;
  unet: Network<Unet2dConfig>;
  scheduler: {
    _class_name: string;
    beta_schedule: string;
    beta_start: number;
    beta_end: number;
    variance_type: string;
  };
  warnings: readonly Said[];
}

/**
 * Reads a network of guided diffusion (Dhariwal and Nichol 2021) under the key names of its public code, as its own
 * checkpoints (`.pt`) have them. Only the header is read.
 * @throws EaselError `unsupported` for what the graphs do not build, `corrupt` naming a missing key
 */
export function readGuidedDiffusion({ path, dict }: WeightsFile): GuidedDiffusionFile {
  const shapes = new Map(Array.from(dict.entries, ([key, { shape }]) => [withoutWrapper(key), shape] as const));
  const { config, layers, growth } = configOf(shapes, path);
  const side = SIDES[growth] ?? USUAL_SIDE;
  const isSmallest = SIDES[growth] === SMALLEST_SIDE;
  const order = isSmallest ? 'by-kind' : 'by-head';
  const weights = splitHeads(dict, (key) => guidedDiffusionName(key, layers), HEAD_WIDTH, order);
  const levels = isSmallest ? said`cosine` : said`linear`;
  const heads = isSmallest ? said`all queries before all keys` : said`each head’s query, key and value together`;
  return {
    facts: { ...factsOf(config), pixels: true, markers: { scheduler: SCHEDULER } },
    unet: { name: path, config, weights },
    scheduler: {
      _class_name: SCHEDULER,
      beta_schedule: isSmallest ? 'squaredcos_cap_v2' : 'linear',
      beta_start: 0.0001,
      beta_end: 0.02,
      variance_type: config.outChannels === 2 * config.inChannels ? 'learned_range' : 'fixed_large',
    },
    warnings: [
      said`The file holds weights alone. It is taken to be as guided diffusion’s published models: pictures of ${side} × ${side}, ${levels} noise levels, attention by heads of ${HEAD_WIDTH} channels, ${heads}.`,
    ],
  };
}

type Shapes = ReadonlyMap<string, readonly number[]>;

function configOf(shapes: Shapes, path: string): { config: Unet2dConfig; layers: number; growth: string } {
  const shape = (key: string) => {
    const found = shapes.get(key);
    if (!found) throw new EaselError('corrupt', said`${path} lacks "${key}".`);
    return found;
  };
  const layers = layersOf(shapes);
  const levels = Math.ceil(blocksOf(shapes, 'output') / (layers + 1));
  const first = (level: number) => `input_blocks.${1 + level * (layers + 1)}`;
  const channels = Array.from({ length: levels }, (_, level) => shape(`${first(level)}.0.out_layers.3.weight`)[0]);
  const [, width] = shape('time_embed.0.weight');
  const growth = channels.map((own) => own / width).join();
  if (growth === FOUR_HEADS || width !== channels[0])
    throw new EaselError(
      'unsupported',
      said`${path} is guided diffusion with channels of ${channels.join(', ')}: models of 128 or 512 pixels a side are not supported. Get one of 64 or 256.`,
    );
  const isResnet = shapes.has(`input_blocks.${layers + 1}.0.in_layers.0.weight`);
  const type = (attends: boolean, way: 'Down' | 'Up') =>
    attends ? `Attn${way}Block2D` : isResnet ? `Resnet${way}sampleBlock2D` : `${way}Block2D`;
  const resampling = isResnet ? 'resnet' : 'conv';
  const attendsUp = (level: number) => shapes.has(`output_blocks.${level * (layers + 1)}.1.qkv.weight`);
  const fields = {
    block_out_channels: channels,
    layers_per_block: layers,
    down_block_types: channels.map((_, level) => type(shapes.has(`${first(level)}.1.qkv.weight`), 'Down')),
    up_block_types: channels.map((_, level) => type(attendsUp(level), 'Up')),
    downsample_type: resampling,
    upsample_type: resampling,
    add_attention: shapes.has('middle_block.1.qkv.weight'),
    attention_head_dim: HEAD_WIDTH,
    norm_num_groups: GROUPS,
    attn_norm_num_groups: GROUPS,
    resnet_time_scale_shift:
      shape('middle_block.0.emb_layers.1.weight')[0] === 2 * channels[levels - 1] ? 'scale_shift' : 'default',
    in_channels: shape('input_blocks.0.0.weight')[1],
    out_channels: shape('out.2.weight')[0],
    num_class_embeds: shapes.get('label_emb.weight')?.[0],
    sample_size: SIDES[growth] ?? USUAL_SIDE,
  };
  return { config: parseUnet2dConfig(fields, path), layers, growth };
}

const blocksOf = (shapes: Shapes, side: 'input' | 'output'): number =>
  Math.max(
    ...Array.from(shapes.keys(), (key) => Number(new RegExp(`^${side}_blocks\\.(\\d+)\\.`).exec(key)?.[1] ?? -1)),
  ) + 1;

/** ResNet blocks a level: the first level on the way up ends with what doubles the size. */
function layersOf(shapes: Shapes): number {
  const ends = Array.from(shapes.keys(), (key) => /^output_blocks\.(\d+)\.[12]\.(?:in_layers|conv)\./.exec(key)?.[1]);
  const found = ends.filter((index) => index !== undefined).map(Number);
  return found.length > 0 ? Math.min(...found) : blocksOf(shapes, 'output') - 1;
}
