import { describe, expect, it } from 'vitest';
import { spoken } from '../../core/errors';
import { DEFAULT_REQUEST, parseRequest } from '../../core/request/request';
import { paint } from '../../pipeline/generate';
import { checkpointOf, type Family, separateVae } from '../fixtures/checkpoints';
import { failure } from '../fixtures/failure';
import { randomTensor, safetensorsFile } from '../fixtures/random-model';
import { chooseDevice } from '../runtime/device';
import { memoryFiles } from '../weights/memory-files';
import type { ModelFiles } from '../weights/model-files';
import { readHeader } from '../weights/safetensors';
import { loadModel } from './load';
import type { PaintingModel } from './painting-model';

/** A CLIP tokenizer of twenty tokens: the first letters, and both marks at the end. */
const VOCABULARY = memoryFiles('clip', {
  'tokenizer/vocab.json': JSON.stringify(
    Object.fromEntries([
      ...Array.from('!abcdefgh', (letter, id) => [letter, id]),
      ...Array.from('!abcdefgh', (letter, i) => [`${letter}</w>`, 9 + i]),
      ['<|startoftext|>', 18],
      ['<|endoftext|>', 19],
    ]),
  ),
  'tokenizer/merges.txt': '#version: 0.2\n',
});
const EOS = 19;

async function load(family: Family, unusedKeys: readonly string[] = []) {
  const { file } = checkpointOf(family);
  for (const key of unusedKeys) file.set(key, randomTensor(1, [2]));
  const files = memoryFiles('m', { 'my-model.safetensors': safetensorsFile(file) });
  return loadModel(files, await chooseDevice('wasm', 2), undefined, { vocabulary: VOCABULARY });
}

const windowOf = (...ids: number[]) => Int32Array.from({ length: 77 }, (_, i) => ids[i] ?? EOS);
const request = (prompt: string) =>
  parseRequest({ ...DEFAULT_REQUEST, prompt, sampler: 'euler', steps: 2, width: 64, height: 64, seed: 3, cfgScale: 3 });

/** SDXL's two: in each token's states, the second one padded with zeros. */
async function expectTowersSideBySide(model: PaintingModel): Promise<void> {
  const ended = await model.encodeText(windowOf(18, 10, EOS));
  expect(ended.hidden).toHaveLength(77 * 192);
  expect(ended.pooled).toHaveLength(40);
  // What stands after the end token is the second tower's own business; the first sees it as it is.
  const zeros = await model.encodeText(windowOf(18, 10, EOS, ...new Array<number>(74).fill(0)));
  const token = (hidden: Float32Array, i: number) => [
    hidden.slice(192 * i, 192 * i + 64),
    hidden.slice(192 * i + 64, 192 * (i + 1)),
  ];
  expect(token(zeros.hidden, 40)[0]).not.toEqual(token(ended.hidden, 40)[0]);
  expect(token(zeros.hidden, 40)[1]).toEqual(token(ended.hidden, 40)[1]);
}

describe('a single-file checkpoint, loaded', () => {
  it('is ready on the CPU before its decoder is, which the first picture needs last', async () => {
    const inMemory = memoryFiles('m', { 'my-model.safetensors': safetensorsFile(checkpointOf('sd1').file) });
    const { tensors } = await readHeader(inMemory, 'my-model.safetensors');
    const decoders = new Set(
      [...tensors.values()].filter(({ key }) => key.startsWith('first_stage_model.decoder.')).map(({ start }) => start),
    );
    let isReady = () => {};
    const ready = new Promise<void>((resolve) => {
      isReady = resolve;
    });
    const files: ModelFiles = {
      ...inMemory,
      async read(path, start, end) {
        if (decoders.has(start ?? 0)) await ready;
        return inMemory.read(path, start, end);
      },
    };
    const model = await loadModel(files, await chooseDevice('wasm', 2), undefined, { vocabulary: VOCABULARY });
    isReady();
    expect((await paint(model, request('a'))).rgb).toHaveLength(64 * 64 * 3);
    await model.dispose();
  });

  it.each([
    ['sd1', 64, EOS],
    ['sd2', 64, 0],
    ['sdxl', 192, EOS],
  ] as const)('%s paints, and its prompt matters', async (family, width, pad) => {
    const model = await load(family);
    expect(model.info).toMatchObject({ name: 'my-model', contextWidth: width, warnings: [] });
    expect(model.info.architecture.id).toBe(family);
    expect(model.tokenizer.pad).toBe(pad);
    expect(model.tokenizer.encode('a bed')).toEqual([10, 2, 5, 13]);
    const [one, again, other] = [
      await paint(model, request('a')),
      await paint(model, request('a')),
      await paint(model, request('b')),
    ];
    expect(one.rgb).toHaveLength(64 * 64 * 3);
    expect(again.rgb).toEqual(one.rgb);
    expect(other.rgb).not.toEqual(one.rgb);
    if (family === 'sdxl') await expectTowersSideBySide(model);
    await model.dispose();
  });

  it('warns of keys without a place, in the file and in its networks', async () => {
    const model = await load('sd1', [
      'notes',
      'model.diffusion_model.extra.weight',
      'first_stage_model.more.bias',
      'betas',
    ]);
    expect(model.info.warnings.map((one) => spoken(one))).toEqual([
      '"notes", "extra.weight", "more.bias" in the file match nothing in the model and were ignored.',
    ]);
    await model.dispose();
  });

  it('predicts what the person says, whatever the file does', async () => {
    const files = memoryFiles('m', { 'x.safetensors': safetensorsFile(checkpointOf('sd2').file) });
    const device = await chooseDevice('wasm', 2);
    const options = { vocabulary: VOCABULARY, prediction: 'epsilon' } as const;
    const { info, dispose } = await loadModel(files, device, undefined, options);
    expect(info).toMatchObject({ predictionType: 'epsilon', predictionKnown: true });
    expect(info.scheduler.prediction_type).toBe('epsilon');
    // The base models of SD 2.x are the ones that predict the noise, and they paint at 512.
    expect(info.defaults.width).toBe(512);
    await dispose();
  });

  it.each([
    ['its encoder', /^first_stage_model\.encoder\./],
    ['one tensor', /^first_stage_model\.decoder\.mid\.block_1\.conv1\.weight$/],
  ])('does without %s of its own autoencoder where another takes its place', async (_, missing) => {
    const { file } = checkpointOf('sd1');
    for (const key of file.keys()) if (missing.test(key)) file.delete(key);
    const files = memoryFiles('m', { 'x.safetensors': safetensorsFile(file) });
    const device = await chooseDevice('wasm', 2);
    const vae = {
      files: memoryFiles('v', { 'v.safetensors': safetensorsFile(separateVae(2)) }),
      path: 'v.safetensors',
    };
    const model = await loadModel(files, device, undefined, { vocabulary: VOCABULARY, vae });
    expect(model.info.hasVae).toBe(false);
    expect(model.info.warnings.map((one) => spoken(one))).toEqual([
      expect.stringMatching(/own autoencoder \(VAE\) cannot be used: x\.safetensors/),
    ]);
    expect((await paint(model, request('a'))).rgb).toHaveLength(64 * 64 * 3);
    await model.dispose();
    expect((await failure(loadModel(files, device, undefined, { vocabulary: VOCABULARY }))).code).toBe('corrupt');
  });

  it('names a weight that is missing within a network', async () => {
    const { file } = checkpointOf('sd1');
    file.delete('model.diffusion_model.output_blocks.0.0.in_layers.2.weight');
    const files = memoryFiles('m', { 'x.safetensors': safetensorsFile(file) });
    const device = await chooseDevice('wasm', 2);
    const error = await failure(loadModel(files, device, undefined, { vocabulary: VOCABULARY }));
    expect(error.code).toBe('corrupt');
    expect(error.message).toMatch(/x\.safetensors: the weights lack "up_blocks\.0\.resnets\.0\.conv1\.weight"/);
  });
});
