import { original, originalUnetModules, originalVaeModules } from '../../model/fixtures/original-names';
import { type RawTensor, randomTensor } from '../../model/fixtures/random-model';
import { buildAutoencoder } from '../../model/graph/autoencoder';
import { type KlConfig, parseAutoencoderConfig } from '../../model/graph/autoencoder-config';
import { buildClipText } from '../../model/graph/clip-text';
import { parseClipTextConfig, parseUnetConfig } from '../../model/graph/config';
import { buildDenoiser } from '../../model/graph/denoiser';
import type { BuiltGraph } from '../../model/graph/types';
import { identifyFile } from '../../model/parts/index';
import { openCheckpoint } from '../../model/running/open-checkpoint';
import { bindWeights } from '../../model/weights/bind';
import type { ModelFiles } from '../../model/weights/model-files';
import { outcomeOf } from './outcome';

export const PLAIN = { operators: 'plain', precision: 'float32' } as const;

/** Configurations with every option that the readers know. */
export const UNET = {
  _class_name: 'UNet2DConditionModel',
  block_out_channels: [32, 64],
  down_block_types: ['CrossAttnDownBlock2D', 'DownBlock2D'],
  up_block_types: ['UpBlock2D', 'CrossAttnUpBlock2D'],
  layers_per_block: 1,
  cross_attention_dim: 32,
  attention_head_dim: [4, 8],
  transformer_layers_per_block: [1, 1],
  addition_embed_type: 'text_time',
  addition_time_embed_dim: 8,
  projection_class_embeddings_input_dim: 64,
};
export const VAE = {
  block_out_channels: [32, 32],
  down_block_types: ['DownEncoderBlock2D', 'DownEncoderBlock2D'],
  up_block_types: ['UpDecoderBlock2D', 'UpDecoderBlock2D'],
  layers_per_block: 1,
  num_encoder_blocks: [1, 1, 1, 1],
  num_decoder_blocks: [1, 1, 1, 1],
  encoder_block_out_channels: [8, 8, 8, 8],
  decoder_block_out_channels: [8, 8, 8, 8],
  vq_embed_dim: 3,
};
export const TEXT = {
  vocab_size: 100,
  hidden_size: 64,
  num_attention_heads: 1,
  num_hidden_layers: 2,
  intermediate_size: 64,
};

/** A whole SD 1.x checkpoint in the original layout; its values are never read. */
export function goodCheckpoint(): Map<string, RawTensor> {
  const unetConfig = parseUnetConfig({ ...UNET, attention_head_dim: 8, addition_embed_type: null });
  const vaeConfig = parseAutoencoderConfig(VAE) as KlConfig;
  const { decoder, encoder } = buildAutoencoder(vaeConfig, PLAIN);
  const shapes = (graphs: readonly BuiltGraph[]) =>
    new Map(
      graphs.flatMap(({ weights }) => weights.map(({ key, shape }) => [key, randomTensor(0, shape, 'F16')] as const)),
    );
  const tower = shapes([buildClipText(parseClipTextConfig(TEXT), PLAIN)]);
  return new Map([
    ...original(shapes([buildDenoiser(unetConfig, PLAIN)]), originalUnetModules(unetConfig), 'model.diffusion_model.'),
    ...original(shapes([decoder, encoder]), originalVaeModules(vaeConfig), 'first_stage_model.'),
    ...Array.from(tower, ([key, tensor]) => [`cond_stage_model.transformer.${key}`, tensor] as const),
  ]);
}

/** Tells what a dropped file is, opens it as a checkpoint, builds its networks and binds their weights. */
export async function openCheckpointWhole(files: ModelFiles): Promise<void> {
  // What it is taken for may be refused with another reason; both must have a code.
  await outcomeOf(identifyFile, files);
  const { unet, autoencoder, textTowers } = await openCheckpoint(files);
  const graphs = buildAutoencoder(autoencoder.config, PLAIN);
  bindWeights([buildDenoiser(unet.config, PLAIN)], unet.weights, unet.name, 'warn');
  bindWeights([graphs.decoder, graphs.encoder], autoencoder.weights, autoencoder.name, 'warn');
  for (const { config, weights, name } of textTowers)
    bindWeights([buildClipText(config, PLAIN)], weights, name, 'warn');
}
