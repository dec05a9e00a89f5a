import { describe, expect, it } from 'vitest';
import { failure } from '../fixtures/failure';
import { type RawTensor, randomTensor, safetensorsFile, stateDictOf } from '../fixtures/random-model';
import { eosPosition } from '../graph/clip-text';
import { parseClipTextConfig } from '../graph/config';
import { fromHalf } from './dtypes';
import { memoryFiles } from './memory-files';
import { embeddingIds, openEmbedding, withEmbeddings } from './textual-inversion';

const TABLE = 'text_model.embeddings.token_embedding.weight';
const file = (tensors: Record<string, RawTensor>, name = 'moss.safetensors') =>
  openEmbedding(memoryFiles('m', { [name]: safetensorsFile(new Map(Object.entries(tensors))) }), name);

describe('openEmbedding', () => {
  it.each([
    ["diffusers' form", { '<moss>': randomTensor(1, [2, 4]) }, '<moss>', 2, ['<moss>']],
    ['one vector without a first dimension', { '<moss>': randomTensor(1, [4]) }, '<moss>', 1, ['<moss>']],
    ["A1111's form", { emb_params: randomTensor(1, [3, 4]) }, 'moss', 3, ['emb_params']],
    ["A1111's first form", { 'string_to_param.*': randomTensor(1, [3, 4]) }, 'moss', 3, ['string_to_param.*']],
    [
      'both towers of SDXL, by a training script of diffusers',
      { text_encoders_0: randomTensor(1, [2, 4]), text_encoders_1: randomTensor(2, [2, 8]) },
      'moss',
      2,
      ['text_encoders_0', 'text_encoders_1'],
    ],
    [
      'both towers of SDXL',
      { clip_g: randomTensor(1, [2, 8]), clip_l: randomTensor(2, [2, 4]) },
      'moss',
      2,
      ['clip_l', 'clip_g'],
    ],
  ])('reads %s', async (_, tensors, word, vectors, keys) => {
    expect(await file(tensors)).toMatchObject({ word, vectors, keys });
  });

  it.each([
    ['a model', { a: randomTensor(1, [2, 4]), b: randomTensor(1, [2, 4]) }, /2 tensors/],
    ['a kernel', { a: randomTensor(1, [2, 4, 3, 3]) }, /\[2, 4, 3, 3\]/],
    ['more vectors than a window holds', { emb_params: randomTensor(1, [76, 4]) }, /has 76 vectors; .* windows of 75/],
    ['no tensors', {}, /0 tensors/],
    ['towers that disagree', { clip_l: randomTensor(1, [1, 4]), clip_g: randomTensor(1, [2, 4]) }, /1 and 2/],
  ])('refuses %s', async (_, tensors, message) => {
    expect((await failure(file(tensors))).message).toMatch(message);
  });
});

describe('withEmbeddings', () => {
  it('puts the vectors below the token table, in its own type where they have it', async () => {
    const half = await stateDictOf(
      new Map([
        [TABLE, randomTensor(5, [3, 4], 'F16')],
        ['other', randomTensor(6, [2])],
      ]),
    );
    const [a, b] = [
      await file({ x: randomTensor(7, [2, 4], 'F16') }),
      await file({ emb_params: randomTensor(8, [1, 4], 'F16') }),
    ];
    const dict = withEmbeddings(half, [a, b], { index: 0, of: 1 });
    expect(dict.entries.get(TABLE)).toMatchObject({ dtype: 'F16', shape: [6, 4] });
    const joined = [randomTensor(5, [3, 4], 'F16'), randomTensor(7, [2, 4], 'F16'), randomTensor(8, [1, 4], 'F16')];
    expect(Array.from(await dict.read(TABLE))).toEqual(joined.flatMap(({ bytes }) => Array.from(bytes)));
    expect(await dict.read('other')).toEqual(await half.read('other'));
    expect(embeddingIds([a, b], 3)).toEqual(
      new Map([
        ['x', [3, 4]],
        ['moss', [5]],
      ]),
    );
  });

  it('widens a half-precision table where the vectors are float32', async () => {
    const half = await stateDictOf(new Map([[TABLE, randomTensor(5, [1, 4], 'F16')]]));
    const dict = withEmbeddings(half, [await file({ x: randomTensor(7, [1, 4]) })], { index: 0, of: 1 });
    const bytes = await dict.read(TABLE);
    const table = fromHalf(new Uint16Array(randomTensor(5, [1, 4], 'F16').bytes.buffer));
    expect(dict.entries.get(TABLE)).toMatchObject({ dtype: 'F32', shape: [2, 4] });
    expect(Array.from(new Float32Array(bytes.buffer, 0, 4))).toEqual(Array.from(table));
    expect(bytes.slice(16)).toEqual(randomTensor(7, [1, 4]).bytes);
  });

  it('gives the same weights back without embeddings, and refuses those of another family', async () => {
    const dict = await stateDictOf(new Map([[TABLE, randomTensor(5, [3, 4])]]));
    expect(withEmbeddings(dict, [], { index: 0, of: 1 })).toBe(dict);
    const wide = await file({ x: randomTensor(7, [1, 8]) });
    expect(() => withEmbeddings(dict, [wide], { index: 0, of: 1 })).toThrow(/"x" has vectors of width 8.*wants 4/);
    const both = await file({ clip_l: randomTensor(1, [1, 4]), clip_g: randomTensor(1, [1, 4]) });
    expect(() => withEmbeddings(dict, [both], { index: 0, of: 1 })).toThrow(/for 2 towers/);
    const narrow = await file({ x: randomTensor(7, [1, 4]) });
    expect(() => withEmbeddings(dict, [narrow], { index: 1, of: 2 })).toThrow(/of width|for 1/);
  });
});

describe('eosPosition', () => {
  it('finds the end token behind added words, for configurations old and new', () => {
    const ids = Int32Array.of(998, 4, 1000, 1001, 7, 999, 999);
    const config = { vocab_size: 1000, eos_token_id: 999 };
    expect(eosPosition(ids, parseClipTextConfig(config))).toBe(5);
    expect(eosPosition(ids, parseClipTextConfig({ ...config, eos_token_id: 2 }))).toBe(5);
  });
});
