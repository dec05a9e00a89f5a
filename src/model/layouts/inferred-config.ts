import { EaselError, type Said, said } from '../../core/errors';
import type { KlConfig, VqConfig } from '../graph/autoencoder-config';
import { type ClipTextConfig, type UnetConfig, WINDOW } from '../graph/config';
import type { StateDict } from '../weights/state-dict';
import { type DenoiserFacts, GUIDANCE_INPUT, SIZE_INPUTS } from './facts';

/**
 * Configurations read from the names and shapes of a network's weights, where no config.json tells them. What shapes
 * cannot tell (normalisation groups, activations) is what Stable Diffusion's own code uses.
 */

/** Group normalisation in every network of Stable Diffusion. */
const GROUPS = 32;
const EPSILON = 1e-5;
/** SD 1.x has 8 heads everywhere; later families have heads of this width. */
const HEAD_WIDTH = 64;
const SD1_HEADS = 8;
/** No network has more levels, blocks or layers; a file that claims more is wrong. */
const MAX_LEVELS = 8;
const MAX_LAYERS = 128;
const MAX_WIDTH = 65_536;
const MAX_WORDS = 1_000_000;
/** Height and width of the original, crop and target: SDXL's six numbers. */
const SIZES = 6;

/** Looks into one network's weights; errors name the key. */
class Shapes {
  constructor(
    readonly dict: StateDict,
    readonly what: string,
  ) {}

  has(key: string): boolean {
    return this.dict.entries.has(key);
  }
  /** One side of a tensor's shape; not absurdly long, so that no file makes us build forever. */
  side(key: string, axis: number, most = MAX_WIDTH): number {
    const entry = this.dict.entries.get(key);
    if (!entry) throw new EaselError('corrupt', said`${this.what}: the weights lack "${key}". Pick a complete model.`);
    const side = entry.shape[axis];
    if (side === undefined || side < 1 || side > most) {
      throw new EaselError('corrupt', said`${this.what}: "${key}" cannot have the shape [${entry.shape.join(', ')}].`);
    }
    return side;
  }
  rank(key: string): number {
    return this.dict.entries.get(key)?.shape.length ?? 0;
  }
  /** How many modules there are, `key(0)`, `key(1)` and so on. */
  count(key: (index: number) => string, most: number): number {
    let n = 0;
    while (n < most && this.has(key(n))) n++;
    return n;
  }
  unsupported(what: Said): EaselError {
    return new EaselError('unsupported', said`${this.what}: ${what}`);
  }
}

/** What a UNet's shapes tell of its kind. */
export function inferFacts(dict: StateDict, what: string, markers: DenoiserFacts['markers']): DenoiserFacts {
  const look = new Shapes(dict, what);
  const find = (ending: string) => [...dict.entries].find(([key]) => key.endsWith(ending))?.[1].shape;
  const entrance = find('.proj_in.weight');
  return {
    inChannels: look.side('conv_in.weight', 1),
    outChannels: look.side('conv_out.weight', 0),
    contextWidth: find('.attn2.to_k.weight')?.[1] ?? 0,
    linearProjection: entrance && entrance.length === 2,
    inputs: [
      ...(look.has('add_embedding.linear_1.weight') ? SIZE_INPUTS : []),
      ...(look.has(GUIDANCE) ? [GUIDANCE_INPUT] : []),
    ],
    markers,
  };
}

/** What the shapes of a UNet's own weights do not tell. */
interface Beside {
  /** Width of the text vector that SDXL's second conditioning holds. */
  projection?: number;
  /** It is told a class instead of a text: its attention has one head. */
  byClass?: boolean;
}

/** A UNet2DConditionModel. */
export function inferUnet(dict: StateDict, what: string, { projection, byClass = false }: Beside = {}): UnetConfig {
  const look = new Shapes(dict, what);
  const levels = look.count((level) => `down_blocks.${level}.resnets.0.conv1.weight`, MAX_LEVELS);
  const channels = range(levels, (level) => look.side(`down_blocks.${level}.resnets.0.conv1.weight`, 0));
  if (channels.length === 0) throw look.unsupported(said`its blocks are not those of a Stable Diffusion UNet.`);
  const { contextWidth, linearProjection = false } = inferFacts(dict, what, {});
  if (contextWidth === 0) throw look.unsupported(said`none of its blocks reads the text.`);
  return {
    kind: 'conditioned',
    inChannels: look.side('conv_in.weight', 1),
    outChannels: look.side('conv_out.weight', 0),
    channels,
    heads: byClass ? channels.map(() => 1) : inferHeads(look, channels, linearProjection),
    ...inferBlocks(look, levels),
    crossAttentionDim: contextWidth,
    groups: GROUPS,
    epsilon: EPSILON,
    linearProjection,
    upcastAttention: linearProjection && !look.has('add_embedding.linear_1.weight'),
    textTime: inferTextTime(look, projection),
    guidanceWidth: look.has(GUIDANCE) ? look.side(GUIDANCE, 1) : undefined,
    cosineFirst: true,
    frequencyShift: 0,
  };
}

/** Where a UNet that takes the guidance scale as an input has it enter. */
const GUIDANCE = 'time_embedding.cond_proj.weight';

function inferHeads(look: Shapes, channels: readonly number[], linearProjection: boolean): number[] {
  return channels.map((width) => {
    const heads = linearProjection ? width / HEAD_WIDTH : SD1_HEADS;
    if (width % GROUPS === 0 && Number.isInteger(heads) && width % heads === 0) return heads;
    throw look.unsupported(said`a block of width ${width} fits neither ${GROUPS} groups nor its heads.`);
  });
}

/** How many blocks there are of each kind: distilled models leave some out, and the middle's attention or all of it. */
function inferBlocks(look: Shapes, levels: number): Pick<UnetConfig, 'layers' | 'downDepths' | 'middle' | 'upDepths'> {
  const resnets = (block: string) => look.count((i) => `${block}.resnets.${i}.conv1.weight`, MAX_LAYERS);
  const depth = (attention: string) =>
    look.count((i) => `${attention}.transformer_blocks.${i}.norm1.weight`, MAX_LAYERS);
  const depths = (block: string, layers: number) =>
    look.has(`${block}.attentions.0.proj_in.weight`)
      ? range(layers, (layer) => depth(`${block}.attentions.${layer}`))
      : [];
  const layers = range(levels, (level) => resnets(`down_blocks.${level}`));
  const middle = depth('mid_block.attentions.0');
  const withoutAttention = look.has('mid_block.resnets.0.conv1.weight') ? 'one-resnet' : 'none';
  return {
    layers,
    downDepths: layers.map((count, level) => depths(`down_blocks.${level}`, count)),
    middle: middle > 0 ? { depth: middle } : withoutAttention,
    upDepths: layers.map((_, position) => depths(`up_blocks.${position}`, layers[levels - 1 - position] + 1)),
  };
}

function inferTextTime(look: Shapes, projection: number | undefined): UnetConfig['textTime'] {
  const key = 'add_embedding.linear_1.weight';
  if (!look.has(key)) return undefined;
  const inputWidth = look.side(key, 1);
  const sizeWidth = (inputWidth - (projection ?? 0)) / SIZES;
  if (projection === undefined || !Number.isInteger(sizeWidth) || sizeWidth < 2 || sizeWidth % 2 !== 0) {
    throw look.unsupported(
      said`its second conditioning is ${inputWidth} wide, which is not a text vector with ${SIZES} sizes (an SDXL refiner?).`,
    );
  }
  return { sizeWidth, inputWidth };
}

/** An AutoencoderKL. */
export function inferAutoencoder(dict: StateDict, what: string, scalingFactor: number): KlConfig {
  const look = new Shapes(dict, what);
  const first = (level: number) => `encoder.down_blocks.${level}.resnets.0.conv1.weight`;
  const levels = Math.max(1, look.count(first, MAX_LEVELS));
  const channels = range(levels, (level) => look.side(first(level), 0));
  const latentChannels = look.side('decoder.conv_in.weight', 1);
  for (const width of channels) {
    if (width % GROUPS !== 0) throw look.unsupported(said`a block of width ${width} does not fit ${GROUPS} groups.`);
  }
  return {
    kind: 'kl',
    inChannels: look.side('encoder.conv_in.weight', 1),
    outChannels: look.side('decoder.conv_out.weight', 0),
    latentChannels,
    channels,
    layers: look.count((i) => `encoder.down_blocks.0.resnets.${i}.conv1.weight`, MAX_LAYERS),
    groups: GROUPS,
    midAttention: look.has('decoder.mid_block.attentions.0.to_q.weight'),
    quantConv: look.has('quant_conv.weight'),
    postQuantConv: look.has('post_quant_conv.weight'),
    scalingFactor,
    shiftFactor: 0,
  };
}

/** The autoencoder of a file in the original layout, of either kind. */
export function inferEither(dict: StateDict, what: string, scalingFactor: number): KlConfig | VqConfig {
  return dict.entries.has(CODEBOOK) ? inferVq(dict, what, scalingFactor) : inferAutoencoder(dict, what, scalingFactor);
}

/** A VQModel, which has a codebook between its halves and no variance. */
export function inferVq(dict: StateDict, what: string, scalingFactor: number): VqConfig {
  const look = new Shapes(dict, what);
  const { quantConv: _, postQuantConv: __, ...shared } = inferAutoencoder(dict, what, scalingFactor);
  return { ...shared, kind: 'vq', entries: look.side(CODEBOOK, 0), entryWidth: look.side(CODEBOOK, 1) };
}

/** Where a VQModel keeps its codebook. */
export const CODEBOOK = 'quantize.embedding.weight';

/** CLIP's end token; a vocabulary that is cut down ends with it, one with added words goes on. */
const CLIP_END = 49407;

/** A CLIP text tower, OpenAI's (QuickGELU) or OpenCLIP's (GELU). */
export function inferClipText(dict: StateDict, what: string, activation: ClipTextConfig['activation']): ClipTextConfig {
  const look = new Shapes(dict, what);
  const vocabulary = look.side('text_model.embeddings.token_embedding.weight', 0, MAX_WORDS);
  const width = look.side('text_model.embeddings.token_embedding.weight', 1);
  const positions = look.side('text_model.embeddings.position_embedding.weight', 0);
  if (positions < WINDOW) throw look.unsupported(said`its windows have ${positions} places, not ${WINDOW}.`);
  if (width % HEAD_WIDTH !== 0) throw look.unsupported(said`a width of ${width} does not fit heads of ${HEAD_WIDTH}.`);
  return {
    vocabulary,
    width,
    intermediate: look.side('text_model.encoder.layers.0.mlp.fc1.weight', 0),
    layers: look.count((i) => `text_model.encoder.layers.${i}.layer_norm1.weight`, MAX_LAYERS),
    heads: width / HEAD_WIDTH,
    positions,
    activation,
    epsilon: EPSILON,
    eos: Math.min(CLIP_END, vocabulary - 1),
    projection: look.has('text_projection.weight') ? look.side('text_projection.weight', 0) : undefined,
  };
}

const range = <T>(n: number, of: (index: number) => T) => Array.from({ length: n }, (_, i) => of(i));
