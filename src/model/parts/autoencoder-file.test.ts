import { describe, expect, it } from 'vitest';
import { checkpointOf, DIALECT, same } from '../fixtures/checkpoints';
import { failure } from '../fixtures/failure';
import { original, originalTaesdHalf, originalVaeModules } from '../fixtures/original-names';
import { type RawTensor, randomTensor, randomTensors, safetensorsFile } from '../fixtures/random-model';
import { buildAutoencoder } from '../graph/autoencoder';
import { parseAutoencoderConfig } from '../graph/autoencoder-config';
import { openCheckpoint } from '../running/open-checkpoint';
import { bindWeights } from '../weights/bind';
import { memoryFiles } from '../weights/memory-files';

describe('a separate autoencoder', () => {
  const vaeFile = (tensors: Map<string, RawTensor>) => ({
    files: memoryFiles('v', { 'v.safetensors': safetensorsFile(tensors) }),
    path: 'v.safetensors',
  });
  /** A model without its own, opened with this one; the autoencoder's graphs must find all their weights. */
  async function opened(tensors: Map<string, RawTensor>) {
    const { file } = checkpointOf('sd1');
    for (const key of file.keys()) if (key.startsWith('first_stage_model.')) file.delete(key);
    const files = memoryFiles('m', { 'x.safetensors': safetensorsFile(file) });
    const { autoencoder } = await openCheckpoint(files, { vae: vaeFile(tensors) });
    const { decoder, encoder } = buildAutoencoder(autoencoder.config, DIALECT);
    bindWeights([decoder, encoder], autoencoder.weights, 'v');
    return autoencoder;
  }

  it('is read in the original layout, alone or in a checkpoint, and in diffusers names', async () => {
    const { file, model, expected } = checkpointOf('sd1');
    const modules = originalVaeModules(model.vae);
    const forms = [
      original(expected.vae, modules, ''),
      original(expected.vae, modules, 'first_stage_model.'),
      expected.vae,
      file,
    ];
    for (const tensors of forms) {
      const { config, weights } = await opened(new Map(tensors));
      expect(config).toEqual(model.vae);
      for (const [key, { bytes }] of expected.vae) expect(same(await weights.read(key), bytes), key).toBe(true);
    }
  });

  it('may be a VQModel', async () => {
    const [down, up] = ['DownEncoderBlock2D', 'UpDecoderBlock2D'];
    const vq = parseAutoencoderConfig({
      _class_name: 'VQModel',
      block_out_channels: [32, 64],
      down_block_types: [down, down],
      up_block_types: [up, up],
      num_vq_embeddings: 20,
      vq_embed_dim: 3,
      scaling_factor: 0.18215,
    });
    const tensors = randomTensors(Object.values(buildAutoencoder(vq, DIALECT)));
    expect((await opened(tensors)).config).toEqual(vq);
  });

  const config = parseAutoencoderConfig({
    _class_name: 'AutoencoderTiny',
    encoder_block_out_channels: [8, 8, 8],
    decoder_block_out_channels: [8, 8, 8],
    num_encoder_blocks: [1, 2, 3],
    num_decoder_blocks: [3, 2, 1],
  });
  const tiny = randomTensors(Object.values(buildAutoencoder(config, DIALECT)));

  it('may be TAESD', async () => {
    expect((await opened(tiny)).config).toEqual(config);
  });

  it.each(['taesd_', ''])('may be TAESD with both halves under its author’s names, after "%s"', async (prefix) => {
    const halves = (['encoder', 'decoder'] as const).flatMap((half) => [
      ...originalTaesdHalf(half, tiny, `${prefix}${half}.`),
    ]);
    const autoencoder = await opened(new Map(halves).set('vae_scale', randomTensor(1, [])));
    expect(autoencoder.config).toEqual(config);
    for (const [key, { bytes }] of tiny) expect(same(await autoencoder.weights.read(key), bytes), key).toBe(true);
  });

  it('is refused for another kind of latent, and when it is none', async () => {
    const wide = parseAutoencoderConfig({ _class_name: 'AutoencoderTiny', latent_channels: 16 });
    const { decoder, encoder } = buildAutoencoder(wide, DIALECT);
    expect((await failure(opened(randomTensors([decoder, encoder])))).message).toMatch(/16 channels.*paints in 4/);
    expect((await failure(opened(new Map([['x', randomTensor(1, [1])]])))).message).toMatch(/not an autoencoder/);
    expect((await failure(opened(new Map([['decoder.layers.0.bias', randomTensor(1, [1])]])))).message).toMatch(
      /"decoder\.layers\.0\.weight" is missing/,
    );
  });
});
