import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openDirectory } from '../cli/directory';
import { openAutoencoder, openUnet } from './diffusers-folder';
import { failure } from './fixtures/failure';
import { buildAutoencoder } from './graph/autoencoder';
import { encodeModel } from './graph/proto';
import type { BuiltGraph } from './graph/types';
import { buildUnet } from './graph/unet';
import { loadModel } from './load';
import { chooseDevice } from './runtime/device';
import type { ModelFiles } from './types';
import { type BoundWeights, bindWeights } from './weights/bind';
import { memoryFiles } from './weights/memory-files';

const PLAIN = { operators: 'plain', precision: 'float32' } as const;

/** A graph of ours and all its weights, as two files of a pack. */
async function exported(folder: string, graph: BuiltGraph, weights: BoundWeights): Promise<Record<string, Uint8Array>> {
  const files = Object.fromEntries(
    graph.files.map(({ location, byteLength }) => [location, new Uint8Array(byteLength)]),
  );
  for (const slot of graph.weights) files[slot.location].set(await weights.read(slot), slot.offset);
  const beside = Object.entries(files).map(([location, data]) => [`${folder}/${location}`, data]);
  return { [`${folder}/model.onnx`]: graph.onnx, ...Object.fromEntries(beside) };
}

/** A text tower that gives each id 32 times over. */
function textLike(): Uint8Array {
  const node = (op: string, inputs: string[], output: string, attributes = {}) => ({
    op,
    domain: '' as const,
    name: output,
    inputs,
    outputs: [output],
    attributes,
  });
  const bytes = (array: Float32Array | BigInt64Array) => new Uint8Array(array.buffer);
  return encodeModel({
    name: 'text',
    nodes: [
      node('Cast', ['input_ids'], 'floats', { to: 1 }),
      node('Unsqueeze', ['floats', 'axes'], 'column'),
      node('Mul', ['column', 'ones'], 'last_hidden_state'),
    ],
    initializers: [
      { name: 'axes', dtype: 'int64', dims: [1], data: bytes(BigInt64Array.of(2n)) },
      { name: 'ones', dtype: 'float32', dims: [32], data: bytes(new Float32Array(32).fill(1)) },
    ],
    inputs: [{ name: 'input_ids', dtype: 'int64', dims: ['batch', 77] }],
    outputs: [{ name: 'last_hidden_state', dtype: 'float32', dims: ['batch', 77, 32] }],
  });
}

async function packOf(folder: ModelFiles): Promise<Record<string, Uint8Array>> {
  const unet = await openUnet(folder, 'unet');
  const vae = await openAutoencoder(folder, 'vae');
  const unetGraph = buildUnet(unet.config, PLAIN);
  const { decoder, encoder } = buildAutoencoder(vae.config, PLAIN);
  const vaeWeights = bindWeights([decoder, encoder], vae.weights, 'vae');
  const beside = folder.list().filter((path) => /^(tokenizer|scheduler)\//.test(path));
  return {
    ...(await exported('unet', unetGraph, bindWeights([unetGraph], unet.weights, 'unet'))),
    ...(await exported('vae_decoder', decoder, vaeWeights)),
    ...(await exported('vae_encoder', encoder, vaeWeights)),
    'text_encoder/model.onnx': textLike(),
    ...Object.fromEntries(await Promise.all(beside.map(async (path) => [path, await folder.read(path)] as const))),
  };
}

it('a pack with external data runs as the folder that it was made from', async () => {
  const folder = await openDirectory(join(import.meta.dirname, 'fixtures/sd15/model'));
  const device = await chooseDevice('wasm', 2);
  const files = await packOf(folder);
  const [pack, own] = [await loadModel(memoryFiles('pack', files), device), await loadModel(folder, device)];
  const { inputChannels, latentChannels, contextWidth, family, scheduler } = pack.info;
  expect({ inputChannels, latentChannels, contextWidth, family, scheduler }).toEqual({
    inputChannels: 4,
    latentChannels: 4,
    contextWidth: 32,
    family: 'sd1',
    scheduler: own.info.scheduler,
  });
  const wave = (length: number) => Float32Array.from({ length }, (_, i) => Math.sin(i));
  const input = {
    sample: wave(2 * 4 * 64),
    batch: 2,
    height: 8,
    width: 8,
    timestep: 500,
    context: wave(2 * 77 * 32),
    tokens: 77,
  };
  expect(await pack.predict(input)).toEqual(await own.predict(input));
  expect(await pack.decode(wave(4 * 64), 8, 8)).toEqual(await own.decode(wave(4 * 64), 8, 8));
  expect((await pack.encode(wave(3 * 4096), 64, 64)).mean).toEqual((await own.encode(wave(3 * 4096), 64, 64)).mean);
  const ids = Int32Array.from({ length: 77 }, (_, i) => i);
  expect(Array.from((await pack.encodeText(ids)).hidden.subarray(64, 66))).toEqual([2, 2]);
  expect(pack.tokenizer.encode('a fox')).toEqual(own.tokenizer.encode('a fox'));
  expect(
    (
      await failure(
        pack.adapt({
          loras: [],
          embeddings: [
            { word: 'x', vectors: 1, keys: [], dict: { entries: new Map(), read: async () => new Uint8Array() } },
          ],
        }),
      )
    ).code,
  ).toBe('unsupported');
  await own.dispose();
  await pack.dispose();
  delete files['vae_decoder/model.onnx'];
  expect((await failure(loadModel(memoryFiles('pack', files), device))).message).toMatch(/vae_decoder\/model\.onnx/);
});
