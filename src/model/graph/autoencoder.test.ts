import { describe, expect, it } from 'vitest';
import { randomTensors, stateDictOf } from '../fixtures/random-model';
import { decodeWith, encodeWith } from '../runtime/autoencoder';
import { chooseDevice } from '../runtime/device';
import { createSession } from '../runtime/session';
import { bindWeights } from '../weights/bind';
import { decodeFloats } from '../weights/dtypes';
import { buildAutoencoder } from './autoencoder';
import { latentScaleOf, parseAutoencoderConfig } from './autoencoder-config';

const VQ = {
  _class_name: 'VQModel',
  block_out_channels: [4, 8],
  down_block_types: ['DownEncoderBlock2D', 'DownEncoderBlock2D'],
  up_block_types: ['UpDecoderBlock2D', 'UpDecoderBlock2D'],
  norm_num_groups: 2,
  latent_channels: 3,
  num_vq_embeddings: 5,
};

async function openVq() {
  const config = parseAutoencoderConfig(VQ);
  const graphs = buildAutoencoder(config, { operators: 'plain', precision: 'float32' });
  const tensors = randomTensors([graphs.decoder, graphs.encoder]);
  const weights = bindWeights([graphs.decoder, graphs.encoder], await stateDictOf(tensors), 'vq');
  const device = await chooseDevice('wasm', 2);
  const codebook = decodeFloats(tensors.get('quantize.embedding.weight')!.bytes, 'F32');
  return { config, graphs, weights, device, codebook };
}

describe('VQModel', () => {
  it('decodes a latent as it decodes the nearest entries of its codebook', async () => {
    const { config, graphs, weights, device, codebook } = await openVq();
    expect(latentScaleOf(config)).toBe(2);
    const decoder = await createSession(graphs.decoder, weights, device);
    const cells = 6;
    const z = Float32Array.from({ length: 3 * cells }, (_, i) => 0.4 * Math.sin(i * i));
    const snapped = new Float32Array(z.length);
    for (let cell = 0; cell < cells; cell++) {
      const distance = (entry: number) =>
        [0, 1, 2].reduce((sum, c) => sum + (z[c * cells + cell] - codebook[3 * entry + c]) ** 2, 0);
      const nearest = [0, 1, 2, 3, 4].reduce((best, entry) => (distance(entry) < distance(best) ? entry : best));
      for (let c = 0; c < 3; c++) snapped[c * cells + cell] = codebook[3 * nearest + c];
    }
    const decode = decodeWith(decoder);
    const picture = await decode(z, 2, 3);
    expect(picture).toHaveLength(3 * 4 * 6);
    expect(await decode(snapped, 2, 3)).toEqual(picture);
    const others = Float32Array.from(snapped, (_, i) => codebook[3 * 4 + Math.floor(i / cells)]);
    expect(await decode(others, 2, 3)).not.toEqual(picture);
    await decoder.release();
  });

  it('encodes without a spread', async () => {
    const { graphs, weights, device } = await openVq();
    const encoder = await createSession(graphs.encoder, weights, device);
    const { mean, logvar } = await encodeWith(encoder)(new Float32Array(3 * 4 * 4).fill(0.5), 4, 4);
    expect(mean).toHaveLength(3 * 2 * 2);
    expect(mean.every(Number.isFinite)).toBe(true);
    expect(Array.from(logvar, (value) => Math.exp(value / 2))).toEqual(new Array(12).fill(0));
    await encoder.release();
  });
});

describe('parseAutoencoderConfig', () => {
  it.each([
    ['another class', { _class_name: 'AutoencoderDC' }, /_class_name/],
    ['spatial normalisation', { ...VQ, norm_type: 'spatial' }, /norm_type/],
    [
      'levels of several widths in TAESD',
      { _class_name: 'AutoencoderTiny', encoder_block_out_channels: [64, 32] },
      /encoder_block_out_channels/,
    ],
    ['counts for other levels', { _class_name: 'AutoencoderTiny', num_decoder_blocks: [3, 3] }, /num_decoder_blocks/],
    [
      'absurdly many blocks',
      { _class_name: 'AutoencoderTiny', num_decoder_blocks: [3, 3, 3, 1e6] },
      /num_decoder_blocks/,
    ],
  ])('refuses %s by name', (_, json, message) => {
    expect(() => parseAutoencoderConfig(json)).toThrow(message);
  });
});
