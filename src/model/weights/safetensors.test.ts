import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EaselError, said } from '../../core/errors';
import { failure } from '../fixtures/failure';
import { headerAndData as file, randomTensor, safetensorsFile } from '../fixtures/random-model';
import { torchFile } from '../fixtures/torch-writer';
import type { BuiltGraph, WeightSlot } from '../graph/types';
import { bindWeights } from './bind';
import { AheadLimits, externalData, readAhead } from './external-data';
import { memoryFiles } from './memory-files';
import { attentionName, textTowerName } from './names';
import { readHeader } from './safetensors';
import { openFile, openStateDict, renamed } from './state-dict';

const floats = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer);
const tensor = (shape: number[], from: number, to: number, dtype = 'F32') => ({
  dtype,
  shape,
  data_offsets: [from, to],
});
const header = (bytes: Uint8Array) => readHeader(memoryFiles('m', { 'x.safetensors': bytes }), 'x.safetensors');

describe('readHeader', () => {
  it('gives each tensor its absolute byte range, and the metadata', async () => {
    const bytes = file({ __metadata__: { format: 'pt' }, b: tensor([2], 4, 12), a: tensor([], 0, 4) }, floats(1, 2, 3));
    const { tensors, metadata } = await header(bytes);
    const start = bytes.length - 12;
    expect(tensors.get('b')).toEqual({
      key: 'b',
      dtype: 'F32',
      shape: [2],
      path: 'x.safetensors',
      start: start + 4,
      end: start + 12,
    });
    expect(tensors.get('a')?.shape).toEqual([]);
    expect(metadata).toEqual({ format: 'pt' });
  });

  it.each([
    ['an empty file', new Uint8Array(0), /too short/],
    ['a header longer than the file', file({}).fill(200, 0, 1), /cut short/],
    ['a header over the limit', Uint8Array.of(0, 0, 0, 0, 1, 0, 0, 0, 0), /does not begin like/],
    ['JSON that is none', file('{"a":'), /not valid JSON/],
    ['an array', file([]), /not a JSON object/],
    ['a range past the end', file({ w: tensor([2], 0, 8) }, floats(1)), /"w".*outside/],
    ['a range backwards', file({ w: tensor([0], 4, 0) }, floats(1)), /"w".*outside/],
    [
      'a range that does not fit the shape',
      file({ w: tensor([3], 0, 8) }, floats(1, 2)),
      /"w".*needs 12 bytes but has 8/,
    ],
    [
      'a negative side',
      file({ w: tensor([-1], 0, 4) }, floats(1)),
      /tensor "w": shape\.0 must be a whole number, not -1/,
    ],
    [
      'a range of one end',
      file({ w: { dtype: 'F32', shape: [1], data_offsets: [0] } }),
      /"w": data_offsets\.1 is missing/,
    ],
    ['a tensor without a dtype', file({ w: { shape: [], data_offsets: [0, 0] } }), /"w": dtype is missing/],
    ['a tensor that is a number', file({ w: 1 }), /tensor "w" is not a JSON object/],
    [
      'overlapping tensors',
      file({ w: tensor([2], 0, 8), v: tensor([2], 4, 12) }, floats(1, 2, 3)),
      /"w" and "v" overlap/,
    ],
  ])('refuses %s as corrupt', async (_, bytes, message) => {
    const error = await failure(header(bytes));
    expect(error.code).toBe('corrupt');
    expect(error.message).toMatch(message);
  });

  it('reads tensors of any name, and of the metadata what is text', async () => {
    const named = (metadata: unknown) =>
      header(file({ __metadata__: metadata, constructor: tensor([1], 0, 4) }, floats(1)));
    const { tensors, metadata } = await named({ format: 'pt', epochs: 3 });
    expect([...tensors.keys()]).toEqual(['constructor']);
    expect(metadata).toEqual({ format: 'pt', epochs: undefined });
    expect((await named('pt')).metadata).toEqual({});
  });

  it('refuses an unknown dtype as unsupported, naming the tensor', async () => {
    const error = await failure(header(file({ w: tensor([1], 0, 4, 'F8_NEW') }, floats(1))));
    expect(error.code).toBe('unsupported');
    expect(error.message).toMatch(/"w".*F8_NEW/);
  });

  it('answers 500 mutated files with a coded error or a header, nothing else', async () => {
    const good = file({ w: tensor([2], 0, 8), v: tensor([1], 8, 12) }, floats(1, 2, 3));
    await fc.assert(
      fc.asyncProperty(fc.nat(good.length - 1), fc.nat(255), fc.nat(good.length), async (at, byte, length) => {
        const bytes = good.slice(0, length);
        if (at < length) bytes[at] = byte;
        try {
          await header(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(EaselError);
        }
      }),
      { numRuns: 500 },
    );
  });
});

const shard = (key: string, value: number) => file({ [key]: tensor([1], 0, 4) }, floats(value));
const index = (map: Record<string, string>) => JSON.stringify({ weight_map: map });

describe('openStateDict', () => {
  it('joins shards by their index', async () => {
    const files = memoryFiles('m', {
      'unet/d-00001-of-00002.safetensors': shard('a', 1),
      'unet/d-00002-of-00002.safetensors': shard('b', 2),
      'unet/d.safetensors.index.json': index({ a: 'd-00001-of-00002.safetensors', b: 'd-00002-of-00002.safetensors' }),
    });
    const dict = await openStateDict(files, 'unet');
    expect([...dict.entries.keys()].sort()).toEqual(['a', 'b']);
    expect(await dict.read('b')).toEqual(floats(2));
  });

  it('takes a variant where there is no other, in one file or in shards under any of their names', async () => {
    const half = { 'unet/d.fp16.safetensors': shard('half', 1) };
    const keys = async (files: Record<string, Uint8Array | string>) => {
      const dict = await openStateDict(memoryFiles('m', files), 'unet');
      return [...dict.entries.keys()];
    };
    expect(await keys(half)).toEqual(['half']);
    expect(await keys({ ...half, 'unet/d.safetensors': shard('full', 1) })).toEqual(['full']);
    for (const [name, part] of [
      ['d.fp16.safetensors.index.json', 'd.fp16-00001-of-00001.safetensors'],
      ['d.safetensors.index.fp16.json', 'd.fp16-00001-of-00001.safetensors'],
      ['d.safetensors.fp16.index.json', 'd-00001-of-00001.fp16.safetensors'],
    ])
      expect(await keys({ [`unet/${part}`]: shard('a', 1), [`unet/${name}`]: index({ a: part }) })).toEqual(['a']);
  });

  it('names a missing shard', async () => {
    const files = memoryFiles('m', { 'unet/d.safetensors.index.json': index({ a: 'd-00001-of-00001.safetensors' }) });
    expect((await failure(openStateDict(files, 'unet'))).message).toMatch(/unet\/d-00001-of-00001\.safetensors/);
  });

  it.each([
    ['{}', /index\.json: weight_map is missing/],
    ['{"weight_map":{"a":1}}', /index\.json: weight_map\.a must be a text, not 1/],
    ['[]', /index\.json is not a JSON object/],
    ['{', /index\.json is not valid JSON/],
  ])('names the fault of an index: %s', async (text, message) => {
    const files = memoryFiles('m', { 'unet/d.safetensors.index.json': text });
    expect((await failure(openStateDict(files, 'unet'))).message).toMatch(message);
  });

  it('reads what torch wrote, whole or in shards, where there is no safetensors', async () => {
    const a = new Map([['a', randomTensor(1, [2])]]);
    const b = new Map([['b', randomTensor(2, [2])]]);
    const whole = await openStateDict(memoryFiles('m', { 'unet/x.bin': torchFile(a) }), 'unet');
    expect(await whole.read('a')).toEqual(a.get('a')?.bytes);
    const shards = { 'unet/x-00001-of-00002.bin': torchFile(a), 'unet/x-00002-of-00002.bin': torchFile(b) };
    const index = { weight_map: { a: 'x-00001-of-00002.bin', b: 'x-00002-of-00002.bin' } };
    const files = memoryFiles('m', { ...shards, 'unet/x.bin.index.json': JSON.stringify(index) });
    expect([...(await openStateDict(files, 'unet')).entries.keys()]).toEqual(['a', 'b']);
    const both = memoryFiles('m', { 'unet/x.bin': 'no model', 'unet/x.safetensors': safetensorsFile(b) });
    expect([...(await openStateDict(both, 'unet')).entries.keys()]).toEqual(['b']);
  });

  it.each([
    ['version https://git-lfs.github.com/spec/v1\noid sha256:0', /x\.safetensors is a Git LFS pointer/],
    ['<!DOCTYPE html><html><body>Log in</body></html>', /x\.safetensors is a web page/],
    ['GGUF\x03\0\0\0', /x\.safetensors is a GGUF file/],
    ['notes on a model', /x\.safetensors is a text, not a model/],
    ['Rar!\x1a\x07\x01\0', /x\.safetensors is a packed archive/],
    ['\x89PNG\r\n\x1a\n', /x\.safetensors is a picture, not a model/],
  ])('says of what is no file of weights what it is (wild 12, ux 53 and 54): %j', async (text, message) => {
    const bytes = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
    const error = await failure(openFile(memoryFiles('m', { 'x.safetensors': bytes }), 'x.safetensors'));
    expect([error.code, error.message]).toEqual(['unsupported', expect.stringMatching(message)]);
  });
});

const slot = (key: string, shape: number[], offset: number, rest: Partial<WeightSlot> = {}): WeightSlot => ({
  key,
  shape,
  layout: 'as-is',
  dtype: 'float32',
  location: 'weights_0',
  offset,
  byteLength: 4 * shape.reduce((a, b) => a * b, 1),
  ...rest,
});
const graphOf = (...weights: WeightSlot[]): BuiltGraph => ({
  name: 'g',
  onnx: new Uint8Array(0),
  nodes: [],
  inputs: [],
  outputs: [],
  weights,
  files: [{ location: 'weights_0', byteLength: Math.max(...weights.map((w) => w.offset + w.byteLength)) }],
});

describe('bindWeights', () => {
  const dictOf = (tensors: Record<string, unknown>, data: Uint8Array) =>
    openStateDict(memoryFiles('m', { 'unet/w.safetensors': file(tensors, data) }), 'unet');

  it.each([
    ['missing', graphOf(slot('a', [1], 0), slot('b', [1], 4)), /lack "b"/],
    ['unused', graphOf(slot('c', [1], 0)), /lack "c"/],
    ['wrong-shaped', graphOf(slot('a', [1, 1], 0)), /"a" has shape \[1\], but the network needs \[1, 1\]/],
  ])('names a %s tensor', async (_, graph, message) => {
    const dict = await dictOf({ a: tensor([1], 0, 4) }, floats(1));
    expect(() => bindWeights([graph], dict, 'unet')).toThrow(message);
  });

  it('names a tensor that no graph uses, but knows position_ids', async () => {
    const dict = await dictOf({ a: tensor([1], 0, 4), 'x.position_ids': tensor([1], 4, 12, 'I64') }, floats(1, 0, 0));
    expect(() => bindWeights([graphOf(slot('a', [1], 0))], dict, 'unet')).not.toThrow();
    const more = await dictOf({ a: tensor([1], 0, 4), stray: tensor([1], 4, 8) }, floats(1, 2));
    expect(() => bindWeights([graphOf(slot('a', [1], 0))], more, 'unet')).toThrow(/"stray"/);
  });

  it('refuses weights that are no floats', async () => {
    const dict = await dictOf({ a: tensor([1], 0, 8, 'I64') }, floats(0, 0));
    expect(() => bindWeights([graphOf(slot('a', [1], 0))], dict, 'unet')).toThrow(/I64/);
  });

  it('serves external data a tensor at a time, both ways alike', async () => {
    const graph = graphOf(slot('a', [2, 3], 0, { layout: 'transpose' }), slot('b', [2], 64));
    const dict = await dictOf({ a: tensor([2, 3], 0, 24), b: tensor([2], 24, 32) }, floats(1, 2, 3, 4, 5, 6, 7, 8));
    const weights = bindWeights([graph], dict, 'unet');
    const [served] = (await externalData(graph, weights, 'synchronous')).files;
    const [lazy] = (await externalData(graph, weights, 'asynchronous')).files;
    expect([served.path, lazy.path]).toEqual(['weights_0', 'weights_0']);
    const [bytes, blob] = [served.data as Uint8Array, lazy.data as Blob];
    expect(bytes.byteLength).toBe(72);
    expect(blob.size).toBe(72);
    for (const [from, to, values] of [
      [64, 72, [7, 8]],
      [0, 24, [1, 4, 2, 5, 3, 6]],
      [4, 8, [4]],
    ] as const) {
      expect(bytes.subarray(from, to)).toEqual(floats(...values));
      const { value } = await blob.slice(from, to).stream().getReader().read();
      expect(value).toEqual(floats(...values));
    }
  });
});

describe('readAhead', () => {
  /** Ten bytes, twenty, and so on; what is read of them, and how far each read is. */
  function watched(count: number, isComputed?: (slot: WeightSlot) => boolean) {
    const slots = Array.from({ length: count }, (_, i) => ({ ...slot(`w${i}`, [1], 0), byteLength: 10 * (i + 1) }));
    const reads: string[] = [];
    const read = async ({ key, byteLength }: WeightSlot) => {
      reads.push(key);
      if (key === 'w1') throw new EaselError('corrupt', said`w1 is broken.`);
      return new Uint8Array(byteLength);
    };
    return { slots, reads, weights: { read, isComputed } };
  }

  it('reads the smallest before they are asked for, as many as may wait, and each only once', async () => {
    const { slots, reads, weights } = watched(5);
    const { read } = readAhead(slots, weights, new AheadLimits(60, 9));
    expect(reads).toEqual(['w0', 'w1', 'w2']);
    expect(await read(slots[4])).toHaveLength(50);
    expect(reads).toEqual(['w0', 'w1', 'w2', 'w4']);
    expect(await read(slots[2])).toHaveLength(30);
    expect(reads).toEqual(['w0', 'w1', 'w2', 'w4']); // w3 takes 40, and 30 wait
    expect(await read(slots[0])).toHaveLength(10);
    expect(reads).toEqual(['w0', 'w1', 'w2', 'w4', 'w3']);
    expect(await read(slots[3])).toHaveLength(40);
    expect(reads).toHaveLength(5);
  });
  it('tells of a failure whoever asks for the tensor, and nobody else', async () => {
    const { slots, weights } = watched(3);
    const { read } = readAhead(slots, weights, new AheadLimits(100, 9));
    expect(await read(slots[2])).toHaveLength(30);
    expect((await failure(read(slots[1]))).message).toBe('w1 is broken.');
  });
  it('leaves alone what is computed, until it is asked for', async () => {
    const { slots, reads, weights } = watched(1, () => true);
    const { read } = readAhead(slots, weights, new AheadLimits(100, 9));
    expect(reads).toEqual([]);
    expect(await read(slots[0])).toHaveLength(10);
  });
});

describe('names', () => {
  it('rewrites the old attention names of autoencoders and leaves others alone', () => {
    expect(attentionName('decoder.mid_block.attentions.0.proj_attn.weight')).toBe(
      'decoder.mid_block.attentions.0.to_out.0.weight',
    );
    expect(attentionName('encoder.mid_block.attentions.0.query.bias')).toBe('encoder.mid_block.attentions.0.to_q.bias');
    expect(attentionName('decoder.conv_in.weight')).toBe('decoder.conv_in.weight');
    expect(textTowerName('encoder.layers.0.mlp.fc1.bias')).toBe('text_model.encoder.layers.0.mlp.fc1.bias');
  });

  it('leaves out what rename drops', async () => {
    const files = memoryFiles('m', {
      'vae/w.safetensors': file({ a: tensor([1], 0, 4), b: tensor([1], 4, 8) }, floats(1, 2)),
    });
    const dict = renamed(await openStateDict(files, 'vae'), (key) => (key === 'a' ? 'z' : undefined));
    expect([...dict.entries.keys()]).toEqual(['z']);
    expect(await dict.read('z')).toEqual(floats(1));
  });
});
