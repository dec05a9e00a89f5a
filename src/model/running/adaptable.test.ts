import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDirectory } from '../../cli/directory';
import { said, spoken } from '../../core/errors';
import { type RawTensor, randomTensor, safetensorsFile } from '../fixtures/random-model';
import { chooseDevice } from '../runtime/device';
import { sessionCounts } from '../runtime/session';
import { openLora } from '../weights/lora';
import { memoryFiles } from '../weights/memory-files';
import type { ModelFiles } from '../weights/model-files';
import { openEmbedding } from '../weights/textual-inversion';
import { loadModel } from './load';
import type { PaintingModel } from './painting-model';

const one = (tensors: Record<string, RawTensor>, name: string) =>
  [memoryFiles('m', { [name]: safetensorsFile(new Map(Object.entries(tensors))) }), name] as const;

const lora = (prefix: string, rows: number, columns: number) =>
  openLora(
    ...one(
      {
        [`${prefix}.lora_up.weight`]: randomTensor(1, [rows, 2]),
        [`${prefix}.lora_down.weight`]: randomTensor(2, [2, columns]),
      },
      'style.safetensors',
    ),
  );
const UNET_MODULE = 'lora_unet_mid_block_attentions_0_transformer_blocks_0_attn2_to_q';
const TEXT_MODULE = 'lora_te_text_model_encoder_layers_1_mlp_fc2';
const NONE = { loras: [], embeddings: [] };

let model: PaintingModel;
let unetReads = 0;
beforeAll(async () => {
  const files = await openDirectory(join(import.meta.dirname, '../fixtures/sd15/model'));
  const read: ModelFiles['read'] = (path, ...range) => {
    if (path.startsWith('unet/')) unetReads++;
    return files.read(path, ...range);
  };
  model = await loadModel({ ...files, read }, await chooseDevice('wasm', 2));
});
afterAll(() => model.dispose());

const predict = () =>
  model.predict({
    sample: Float32Array.from({ length: 4 * 64 }, (_, i) => Math.sin(i)),
    batch: 1,
    height: 8,
    width: 8,
    timestep: 400,
    context: Float32Array.from({ length: 77 * 32 }, (_, i) => Math.cos(i)),
    tokens: 77,
  });
const encode = (...words: number[]) => {
  const { bos, eos } = model.tokenizer;
  return model.encodeText(Int32Array.from({ length: 77 }, (_, i) => [bos, ...words][i] ?? eos));
};

describe('adapt', () => {
  it('changes the network a LoRA is for, by its weight, and nothing once it is gone', async () => {
    const before = { noise: await predict(), text: (await encode(320)).hidden };
    const style = await lora(UNET_MODULE, 64, 64);
    const { created, released } = sessionCounts;
    expect(await model.adapt({ loras: [{ lora: style, unetWeight: 1, textWeight: 1 }], embeddings: [] })).toEqual([
      { name: 'style', used: 1, unmatched: [] },
    ]);
    expect(sessionCounts.created).toBe(created + 1);
    const full = await predict();
    expect(full).not.toEqual(before.noise);
    await model.adapt({ loras: [{ lora: style, unetWeight: 0.5, textWeight: 1 }], embeddings: [] });
    expect(await predict()).not.toEqual(full);
    expect((await encode(320)).hidden).toEqual(before.text);
    await model.adapt(NONE);
    expect(await predict()).toEqual(before.noise);
    expect(sessionCounts.created - created).toBe(sessionCounts.released - released);
  });

  it('starts only the networks again whose own weight changes, and reads what it merged into no more', async () => {
    const factors = (prefix: string, rows: number, columns: number) => ({
      [`${prefix}.lora_up.weight`]: randomTensor(1, [rows, 2]),
      [`${prefix}.lora_down.weight`]: randomTensor(2, [2, columns]),
    });
    const tensors = { ...factors(UNET_MODULE, 64, 64), ...factors(TEXT_MODULE, 32, 128) };
    const both = await openLora(...one(tensors, 'both.safetensors'));
    const at = (unetWeight: number) =>
      model.adapt({ loras: [{ lora: both, unetWeight, textWeight: 0.5 }], embeddings: [] });
    unetReads = 0;
    await at(1);
    const [{ created }, full, reads] = [{ ...sessionCounts }, await predict(), unetReads];
    await at(0.5);
    expect(sessionCounts.created).toBe(created + 1);
    expect(unetReads).toBe(2 * reads - 1); // all but the one that the LoRA changes
    expect(await predict()).not.toEqual(full);
    await at(1);
    expect(await predict()).toEqual(full);
    await at(1);
    expect(sessionCounts.created).toBe(created + 2);
    await model.adapt(NONE);
    expect(sessionCounts.created).toBe(created + 4);
  });

  it('leaves a module out that holds NaN, and names it', async () => {
    const before = await predict();
    const broken = randomTensor(2, [2, 64]);
    new DataView(broken.bytes.buffer).setFloat32(4, Number.NaN, true);
    const other = UNET_MODULE.replace('to_q', 'to_out_0');
    const tensors = {
      [`${UNET_MODULE}.lora_up.weight`]: randomTensor(1, [64, 2]),
      [`${UNET_MODULE}.lora_down.weight`]: broken,
      [`${other}.lora_up.weight`]: randomTensor(3, [64, 2]),
      [`${other}.lora_down.weight`]: randomTensor(4, [2, 64]),
    };
    const diverged = await openLora(...one(tensors, 'diverged.safetensors'));
    const [report] = await model.adapt({ loras: [{ lora: diverged, unetWeight: 1, textWeight: 1 }], embeddings: [] });
    expect(report.used).toBe(1);
    expect(report.unmatched.map((one) => spoken(said`${one}`))).toEqual([
      expect.stringMatching(/to_q \(".*down.weight" holds NaN/),
    ]);
    const noise = await predict();
    expect(noise.every(Number.isFinite)).toBe(true);
    expect(noise).not.toEqual(before);
    await model.adapt(NONE);
  });

  it('changes the text tower by its own weight', async () => {
    const before = (await encode(320)).hidden;
    const style = await lora(TEXT_MODULE, 32, 128);
    await model.adapt({ loras: [{ lora: style, unetWeight: 1, textWeight: 0 }], embeddings: [] });
    expect((await encode(320)).hidden).toEqual(before);
    await model.adapt({ loras: [{ lora: style, unetWeight: 0, textWeight: 1 }], embeddings: [] });
    expect((await encode(320)).hidden).not.toEqual(before);
    await model.adapt(NONE);
    expect((await encode(320)).hidden).toEqual(before);
  });

  it('teaches the tokenizer an embedding, and the tower its vectors', async () => {
    const plain = model.tokenizer.encode('a photo of moss');
    const before = (await encode(...plain)).hidden;
    const moss = await openEmbedding(...one({ emb_params: randomTensor(3, [2, 32]) }, 'moss.safetensors'));
    await model.adapt({ loras: [], embeddings: [moss] });
    const ids = model.tokenizer.encode('a photo of moss');
    expect(ids).toEqual([...plain.slice(0, -1), 49408, 49409]);
    expect((await encode(...ids)).hidden).not.toEqual(before);
    expect((await encode(...plain)).hidden).toEqual(before);
    await model.adapt(NONE);
    expect(model.tokenizer.encode('a photo of moss')).toEqual(plain);
  });

  it('names modules without a place, and keeps painting when an adapter is refused', async () => {
    const before = await predict();
    const stray = await lora('lora_unet_nowhere', 64, 64);
    const use = { lora: stray, unetWeight: 1, textWeight: 1 };
    const report = { name: 'style', used: 0, unmatched: ['nowhere'] };
    expect(model.checkFit({ loras: [use], embeddings: [] })).toEqual([report]);
    expect(await model.adapt({ loras: [use], embeddings: [] })).toEqual([report]);
    const created = sessionCounts.created;
    const refused = async (promise: Promise<unknown>, message: RegExp) => {
      await expect(promise).rejects.toThrow(message);
      expect(sessionCounts.created).toBe(created);
      expect(await predict()).toEqual(before);
    };
    const wide = await lora(UNET_MODULE, 64, 320);
    await refused(
      model.adapt({ loras: [{ lora: wide, unetWeight: 1, textWeight: 1 }], embeddings: [] }),
      /another family/,
    );
    const second = await lora('lora_te2_text_model_encoder_layers_1_mlp_fc2', 64, 64);
    await refused(
      model.adapt({ loras: [{ lora: second, unetWeight: 1, textWeight: 1 }], embeddings: [] }),
      /text_encoder_2/,
    );
    const big = await openEmbedding(...one({ emb_params: randomTensor(3, [2, 768]) }, 'moss.safetensors'));
    await refused(model.adapt({ loras: [], embeddings: [big] }), /width 768/);
  });
});
