/**
 * `npx tsx e2e/perf/shapes.ts FOLDER`: the tensor names and shapes of whole checkpoints in the original layout, as
 * sd15.json and sdxl.json, which prepare.py fills with random numbers; and of narrow ones, for a rehearsal.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { DIALECT, originalFile } from '../../src/model/fixtures/checkpoints';
import type { RawTensor } from '../../src/model/fixtures/random-model';
import { buildAutoencoder } from '../../src/model/graph/autoencoder';
import { type KlConfig, parseAutoencoderConfig } from '../../src/model/graph/autoencoder-config';
import { buildClipText } from '../../src/model/graph/clip-text';
import { parseClipTextConfig, parseUnetConfig } from '../../src/model/graph/config';
import type { BuiltGraph } from '../../src/model/graph/types';
import { buildUnet } from '../../src/model/graph/unet';

/** Shares of the real widths, and the widths of the text towers. */
interface Size {
  unet: number;
  vae: number;
  towers: readonly [number, number];
}
const REAL: Size = { unet: 1, vae: 1, towers: [768, 1280] };
const TINY: Size = { unet: 0.2, vae: 0.25, towers: [256, 256] };

function checkpointOf(family: 'sd1' | 'sdxl', size: Size) {
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

const tensorsOf = (...graphs: BuiltGraph[]) =>
  new Map(
    graphs.flatMap(({ weights }) => weights.map(({ key, shape }) => [key, { dtype: 'F16', shape, bytes: new Uint8Array() } as RawTensor])),
  ); // biome-ignore format: one thought

function shapesOf(family: 'sd1' | 'sdxl', size: Size): Record<string, readonly number[]> {
  const { unet, vae, towers } = checkpointOf(family, size);
  const { decoder, encoder } = buildAutoencoder(vae, DIALECT);
  const file = originalFile(
    family,
    { unet, vae },
    {
      unet: tensorsOf(buildUnet(unet, DIALECT)),
      vae: tensorsOf(decoder, encoder),
      towers: towers.map((config) => tensorsOf(buildClipText(config, DIALECT))),
    },
  );
  return Object.fromEntries(Array.from(file, ([key, { shape }]) => [key, shape]));
}

const [folder] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
for (const [name, family, size] of [
  ['sd15', 'sd1', REAL],
  ['sdxl', 'sdxl', REAL],
  ['sd15-tiny', 'sd1', TINY],
  ['sdxl-tiny', 'sdxl', TINY],
] as const) {
  const shapes = shapesOf(family, size);
  const elements = Object.values(shapes).reduce(
    (sum, shape) => sum + shape.reduce((product, side) => product * side, 1),
    0,
  );
  writeFileSync(`${folder}/${name}.json`, JSON.stringify(shapes));
  console.log(`${name}: ${Object.keys(shapes).length} tensors, ${((2 * elements) / 1e9).toFixed(2)} GB in float16`);
}
