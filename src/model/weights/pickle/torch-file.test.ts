import { join } from 'node:path';
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { openDirectory } from '../../../cli/directory';
import { failure } from '../../fixtures/failure';
import { randomTensor } from '../../fixtures/random-model';
import { storage, tensor, torchArchive, torchFile, torchStream, write } from '../../fixtures/torch-writer';
import { decodeFloats, type FloatDtype, toHalf } from '../dtypes';
import { memoryFiles } from '../memory-files';
import { openFile } from '../state-dict';

const fixtures = await openDirectory(join(import.meta.dirname, '../../fixtures/pickles'));
const open = (bytes: Uint8Array) => openFile(memoryFiles('m', { 'x.ckpt': bytes }), 'x.ckpt');
const NUMBERS = new Uint8Array(Float32Array.from({ length: 12 }, (_, i) => i).buffer);
const STORED = storage('FloatStorage', '0', 12);

/** The numbers of the one tensor. */
async function numbersOf(bytes: Uint8Array): Promise<number[]> {
  const { dict } = await open(bytes);
  const [[key, { dtype }]] = dict.entries;
  return [...decodeFloats(await dict.read(key), dtype as FloatDtype)];
}

describe('what torch wrote (ux 56)', () => {
  // Made by torch 2.11 (../shared/fixtures/README.md, `pickles`).
  it.each([
    ['checkpoint.ckpt', 'same.safetensors'],
    ['legacy.pt', 'same.safetensors'],
    ['views.pt', 'views.safetensors'],
  ])('%s has every tensor of %s, bit for bit', async (path, twin) => {
    const [{ dict }, { dict: wanted }] = [await openFile(fixtures, path), await openFile(fixtures, twin)];
    expect([...dict.entries.keys()].sort()).toEqual([...wanted.entries.keys()].sort());
    for (const [key, { dtype, shape }] of wanted.entries) {
      expect(dict.entries.get(key)).toMatchObject({ dtype, shape });
      expect(await dict.read(key)).toEqual(await wanted.read(key));
    }
  });

  it.each(['embedding.pt', 'learned_embeds.bin'])('%s has those of embedding.safetensors, rounded', async (path) => {
    const { dict: wanted } = await openFile(fixtures, 'embedding.safetensors');
    const halves = new Uint16Array((await wanted.read('emb_params')).slice().buffer);
    const { dict } = await openFile(fixtures, path);
    const [key] = dict.entries.keys();
    expect(toHalf(decodeFloats(await dict.read(key), 'F32').slice())).toEqual(halves);
  });

  it.each([false, true])('is read alike in its own writer’s form, the old one: %s', async (legacy) => {
    const tensors = new Map([
      ['a', randomTensor(1, [2, 3])],
      ['b', randomTensor(2, [4], 'F16')],
    ]);
    for (const wrapped of [false, true]) {
      const { dict } = await open(torchFile(tensors, { legacy, wrapped }));
      expect([...dict.entries.keys()]).toEqual(['a', 'b']);
      for (const [key, { bytes }] of tensors) expect(await dict.read(key)).toEqual(bytes);
    }
  });

  it('is read by range: nothing but the pickle and the headers of its storages when it opens', async () => {
    const bytes = torchFile(new Map([['a', randomTensor(1, [1000, 100])]]));
    const files = memoryFiles('m', { 'x.ckpt': bytes });
    let read = 0;
    const counted = {
      ...files,
      read(path: string, from = 0, to = bytes.length) {
        read += to - from;
        return files.read(path, from, to);
      },
    };
    const { dict } = await openFile(counted, 'x.ckpt');
    expect(read).toBeLessThan(70_000); // an archive's end is looked for in the last 64 KiB
    read = 0;
    await dict.read('a', 400, 800);
    expect(read).toBe(400);
  });
});

describe('tensors', () => {
  it.each([
    ['from the middle of a storage', [3], [1], 2, [2, 3, 4]],
    ['turned over', [3, 4], [1, 3], 0, [0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11]],
    ['every second element', [2, 3], [6, 2], 1, [1, 3, 5, 7, 9, 11]],
    ['repeated', [2, 2], [0, 1], 3, [3, 4, 3, 4]],
    ['of one element, whatever its stride', [1], [77], 5, [5]],
    ['a number', [], [], 7, [7]],
    ['of nothing', [0, 3], [3, 1], 0, []],
  ])('%s', async (_, shape, strides, offset, wanted) => {
    const value = write.dict([write.text('t'), tensor(STORED, shape, strides, offset)]);
    expect(await numbersOf(torchArchive(value, { 0: NUMBERS }))).toEqual(wanted);
  });

  it.each([
    ['behind its end', [4], [1], 9],
    ['by its strides', [2, 2], [12, 1], 0],
    ['by repeating it a billion times', [1e9], [0], 0],
  ])('that reach beyond their storage are refused: %s', async (_, shape, strides, offset) => {
    const value = write.dict([write.text('t'), tensor(STORED, shape, strides, offset)]);
    const error = await failure(open(torchArchive(value, { 0: NUMBERS })));
    expect(error.code).toBe('corrupt');
    expect(error.message).toMatch(/x\.ckpt: tensor "t" reaches beyond its storage "0"/);
  });

  it('of parameters, ParameterDicts, types of their own and untyped storages', async () => {
    const held = tensor(STORED, [2]);
    const parameter = write.call(write.name('torch._utils', '_rebuild_parameter'), held, write.false, write.none);
    const state = write.dict([write.text('_parameters'), write.dict([write.text('*'), parameter])]);
    const dict = write.build(write.make(write.name('torch.nn.modules.container', 'ParameterDict')), state);
    const typed = write.call(write.name('torch._tensor', '_rebuild_from_type_v2'), write.name('torch._utils', '_rebuild_tensor_v2'), write.name('torch', 'Tensor'), write.tuple(STORED, write.int(0), write.tuple(write.int(2)), write.tuple(write.int(1))), write.none); // biome-ignore format: one call
    const bytes = storage('UntypedStorage', '0', 48);
    const untyped = write.call(write.name('torch._utils', '_rebuild_tensor_v3'), bytes, write.int(0), write.tuple(write.int(2)), write.tuple(write.int(1)), write.false, write.none, write.name('torch', 'float32')); // biome-ignore format: one call
    for (const value of [dict, write.dict([write.text('t'), typed]), write.dict([write.text('t'), untyped])])
      expect(await numbersOf(torchArchive(value, { 0: NUMBERS }))).toEqual([0, 1]);
  });

  it('of the oldest files, whose storages may be views of others', async () => {
    const view = write.tuple(write.text('v'), write.int(4), write.int(3));
    const value = write.dict([write.text('t'), tensor(storage('FloatStorage', '0', 12, view), [2], [1], 1)]);
    expect(await numbersOf(torchStream(value, { 0: NUMBERS }, [4]))).toEqual([5, 6]);
  });
});

describe('nothing is run', () => {
  it('a file that calls os.system is refused by that name', async () => {
    const error = await failure(openFile(fixtures, 'code.ckpt'));
    expect(error.code).toBe('unsupported');
    expect(error.message).toMatch(/code\.ckpt asks for "posix\.system"/);
  });

  it.each(['builtins.eval', '__builtin__.getattr', 'builtins.constructor', 'torch.hub.load', 'constructor.prototype'])(
    'so is one that names %s',
    async (name) => {
      const [module, last] = [name.slice(0, name.lastIndexOf('.')), name.slice(name.lastIndexOf('.') + 1)];
      const value = write.dict([write.text('x'), write.call(write.name(module, last), write.text('1'))]);
      expect((await failure(open(torchArchive(value, {})))).message).toContain(name);
      expect((await failure(open(torchStream(value, {}, [])))).message).toContain(name);
    },
  );

  it('what training leaves beside the weights means nothing, and stops nothing', async () => {
    const callback = write.name('pytorch_lightning.callbacks.model_checkpoint', 'ModelCheckpoint');
    const scalar = write.call(
      write.name('numpy.core.multiarray', 'scalar'),
      write.call(write.name('numpy', 'dtype'), write.text('f8')),
      write.text('12345678'),
    );
    const config = write.build(write.make(write.name('omegaconf.dictconfig', 'DictConfig')), write.dict());
    const metadata = write.build(
      write.call(write.name('collections', 'OrderedDict')),
      write.dict([write.text('_metadata'), write.dict()]),
    );
    const value = write.dict(
      [write.text('callbacks'), write.dict([callback, write.dict([write.text('best'), scalar])])],
      [write.text('config'), config],
      [write.text('extra'), metadata],
      [write.text('t'), tensor(STORED, [2])],
    );
    expect(await numbersOf(torchArchive(value, { 0: NUMBERS }))).toEqual([0, 1]);
  });

  it('lists of lists of lists, each twice the one before, are not gone through', async () => {
    // d0 = {}; d1 = {a: d0, b: d0}; and so on: 2^40 dicts of 40 instructions.
    const bomb = [0x7d, 0x94];
    for (let i = 0; i < 40; i++)
      bomb.push(...write.dict([write.text('a'), [0x68, i]], [write.text('b'), [0x68, i]]), 0x94);
    const error = await failure(open(torchArchive(bomb, {})));
    expect(error.message).toMatch(/nests what it holds deeper than any model/);
  });
});

describe('what is no model', () => {
  const value = write.dict([write.text('t'), tensor(STORED, [2])]);
  const whole = torchArchive(value, { 0: NUMBERS });
  it.each([
    ['cut short', whole.subarray(0, whole.length - 40), /x\.ckpt is cut short or damaged/],
    ['a stream cut short', torchStream(value, { 0: NUMBERS }, [4]).subarray(0, -8), /x\.ckpt is cut short/],
    ['without a part', torchArchive(value, {}), /x\.ckpt lacks its part "data\/0"/],
    ['compressed', zipSync({ 'a/data.pkl': new Uint8Array(99) }, { level: 9 }), /"a\/data\.pkl" is compressed/],
    ['a ZIP of other things', zipSync({ 'a.txt': new Uint8Array(9) }), /x\.ckpt is a ZIP archive, not a model/],
    ['big-endian', torchArchive(value, { 0: NUMBERS }, { 'archive/byteorder': new TextEncoder().encode('big') }), /big-endian/], // biome-ignore format: one row
    ['another pickle', Uint8Array.from([0x80, 2, 0x7d, 0x71, 0, 0x2e]), /x\.ckpt is a pickle that torch did not write/],
    [
      'an instruction of no pickle',
      torchArchive([0x7d, 0x99], {}),
      /x\.ckpt is damaged: its pickle holds an instruction 0x99/,
    ],
    ['a text longer than its pickle', torchArchive([0x58, 255, 255, 0, 0], {}), /x\.ckpt is cut short\. Download/],
    ['a stack that is empty', torchArchive([0x30], {}), /its pickle takes a value that is not there/],
  ])('%s', async (_, bytes, message) => {
    expect((await failure(open(Uint8Array.from(bytes)))).message).toMatch(message);
  });
});
