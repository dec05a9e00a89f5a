import { type KlConfig, parseAutoencoderConfig } from '../../src/model/graph/autoencoder-config';
import { parseClipTextConfig, parseUnetConfig } from '../../src/model/graph/config';

/** Shares of the real widths, and the widths of the text towers. */
export interface Size {
  unet: number;
  vae: number;
  towers: readonly [number, number];
}
export const REAL: Size = { unet: 1, vae: 1, towers: [768, 1280] };
export const TINY: Size = { unet: 0.2, vae: 0.25, towers: [256, 256] };

/** What the networks of a checkpoint are like. */
export function checkpointOf(family: 'sd1' | 'sdxl', size: Size) {
  const widths = (...channels: number[]) => channels.map((width) => width * size.unet);
  const [first, second] = size.towers;
  const cross = 'CrossAttnDownBlock2D';
  const vae = parseAutoencoderConfig({
    block_out_channels: [128, 256, 512, 512].map((width) => width * size.vae),
    down_block_types: new Array(4).fill('DownEncoderBlock2D'),
    up_block_types: new Array(4).fill('UpDecoderBlock2D'),
    layers_per_block: 2,
    scaling_factor: family === 'sdxl' ? 0.13025 : 0.18215,
  }) as KlConfig;
  const tower = (width: number, layers: number, hidden_act: string) =>
    parseClipTextConfig({
      hidden_size: width,
      intermediate_size: 4 * width,
      num_hidden_layers: layers,
      num_attention_heads: width / 64,
      hidden_act,
    });
  const up = (types: string[]) => types.map((name) => name.replace('Down', 'Up')).reverse();
  if (family === 'sd1') {
    const types = [cross, cross, cross, 'DownBlock2D'];
    const unet = parseUnetConfig({
      block_out_channels: widths(320, 640, 1280, 1280),
      down_block_types: types,
      up_block_types: up(types),
      cross_attention_dim: first,
      attention_head_dim: 8,
    });
    return { unet, vae, towers: [tower(first, 12, 'quick_gelu')] };
  }
  const types = ['DownBlock2D', cross, cross];
  const unet = parseUnetConfig({
    block_out_channels: widths(320, 640, 1280),
    down_block_types: types,
    up_block_types: up(types),
    cross_attention_dim: first + second,
    attention_head_dim: widths(5, 10, 20),
    transformer_layers_per_block: [1, 2, 10],
    use_linear_projection: true,
    addition_embed_type: 'text_time',
    addition_time_embed_dim: 256,
    projection_class_embeddings_input_dim: second + 6 * 256,
  });
  return { unet, vae, towers: [tower(first, 12, 'quick_gelu'), { ...tower(second, 32, 'gelu'), projection: second }] };
}
