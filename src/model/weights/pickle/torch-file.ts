import { EaselError, said } from '../../../core/errors';
import { DTYPE_BYTES } from '../dtypes';
import type { ModelFiles } from '../model-files';
import type { TensorEntry } from '../safetensors';
import { CutShort, type Surroundings, unpickle } from './machine';
import { nameOf, storageOf } from './names';
import { BadPickle, type PickleValue, type Storage, Tensor } from './values';
import { dataStart, readDirectory, type ZipEntry } from './zip';

/** A tensor of a torch file. */
export interface TorchTensor {
  entry: TensorEntry;
  /** Of one that does not lie in one piece, a transpose say: its bytes, element after element. */
  gather?(): Promise<Uint8Array>;
}

/** Bytes [start, end) of the file, where a storage lies. */
type PlaceOf = (storage: Storage) => { start: number; end: number };

/** A ZIP archive begins so, `PK`, and a pickle of protocol 2 or later so. */
const ZIP_START = [0x50, 0x4b, 0x03, 0x04];
const PICKLE_START = 0x80;

/** Whether a file that begins so is one that torch wrote. */
export function isTorchFile(start: Uint8Array): boolean {
  if (ZIP_START.every((byte, i) => start[i] === byte)) return true;
  const [first, protocol] = start;
  // A safetensors file begins with its header's length, whose first byte may be the same; but then zeros follow.
  return first === PICKLE_START && protocol >= 2 && protocol <= 5 && start[3] !== 0;
}

/**
 * The tensors of a file that torch's `save` wrote: a pickle with storages beside it, in a ZIP archive or, before torch
 * 1.6, one behind the other. Only the pickle is read, and nothing in it is ever called.
 * @throws EaselError `unsupported` naming what the pickle asks for besides weights, `corrupt` for a damaged file
 */
export async function readTorchFile(files: ModelFiles, path: string): Promise<Map<string, TorchTensor>> {
  const start = await files.read(path, 0, 1);
  return start[0] === PICKLE_START ? readStream(files, path) : readArchive(files, path);
}

/** A pickle of some hundred kilobytes describes a checkpoint; one this long is none. */
const MAX_PICKLE = 64_000_000;

async function readArchive(files: ModelFiles, path: string): Promise<Map<string, TorchTensor>> {
  const entries = await readDirectory(files, path);
  const pickle = entries.find(({ name }) => /(^|\/)data\.pkl$/.test(name));
  if (!pickle)
    throw new EaselError(
      'unsupported',
      said`${path} is a ZIP archive, not a model. Unpack it, and open the model inside.`,
    );
  const folder = pickle.name.slice(0, -'data.pkl'.length);
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  const order = byName.get(`${folder}byteorder`);
  if (order && new TextDecoder().decode(await contentsOf(files, path, order)).trim() === 'big') throw bigEndian(path);
  const bytes = await contentsOf(files, path, pickle);
  const tensors = tensorsOf(unpickleWhole(bytes, path), path);
  const keys = [...new Set(Array.from(tensors.values(), ({ storage }) => storage.key))];
  const starts = new Map(
    await Promise.all(
      keys.map(async (key) => {
        const entry = byName.get(`${folder}data/${key}`);
        if (!entry) throw new EaselError('corrupt', said`${path} lacks its part "data/${key}". Download it again.`);
        if (!entry.isStored) throw compressed(path, entry);
        const from = await dataStart(files, path, entry);
        return [key, { start: from, end: from + entry.size }] as const;
      }),
    ),
  );
  return placed(files, path, tensors, ({ key }) => starts.get(key)!);
}

/** The value of a pickle whose bytes are all there. */
function unpickleWhole(bytes: Uint8Array, path: string): PickleValue {
  try {
    return running(path, () => unpickle(bytes, surroundings(path))).value;
  } catch (thrown) {
    throw thrown instanceof CutShort ? cutShort(path) : thrown;
  }
}

async function contentsOf(files: ModelFiles, path: string, entry: ZipEntry): Promise<Uint8Array> {
  if (!entry.isStored) throw compressed(path, entry);
  if (entry.size > MAX_PICKLE) throw tooLong(path);
  const start = await dataStart(files, path, entry);
  return files.read(path, start, start + entry.size);
}

const compressed = (path: string, { name }: ZipEntry) =>
  new EaselError(
    'unsupported',
    said`${path}: its part "${name}" is compressed, as torch never writes it. Unpack the archive and pack it again without compression, or save it as .safetensors.`,
  );
const bigEndian = (path: string) =>
  new EaselError('unsupported', said`${path} was written by a big-endian machine. Save it as .safetensors there.`);
const tooLong = (path: string) =>
  new EaselError('corrupt', said`${path} is described by over ${MAX_PICKLE / 1e6} MB, which no model is.`);

/** torch.save's before version 1.6, of which the first pickle is this number. */
const MAGIC = 0x1950a86a20f9469cfc6cn;
const FIRST_READ = 2 ** 20;

/**
 * Magic number, protocol and machine, the object, and the keys of its storages: five pickles; then of each storage the
 * count of its elements and these.
 */
async function readStream(files: ModelFiles, path: string): Promise<Map<string, TorchTensor>> {
  const { values, end, storages } = await firstPickles(files, path);
  const [magic, , machine, object, keys] = values;
  if (magic !== MAGIC)
    throw new EaselError('unsupported', said`${path} is a pickle that torch did not write: it is not a model.`);
  if (machine instanceof Map && machine.get('little_endian') === false) throw bigEndian(path);
  const tensors = tensorsOf(object, path);
  if (!Array.isArray(keys)) throw new EaselError('corrupt', said`${path} does not say which storages follow.`);
  const places = new Map<string, { start: number; end: number }>();
  let at = end;
  for (const key of keys) {
    const storage = typeof key === 'string' ? storages.get(key) : undefined;
    if (!storage) throw new EaselError('corrupt', said`${path} holds a storage that nothing names. Download it again.`);
    if (at + 8 > files.size(path)) throw cutShort(path);
    const head = await files.read(path, at, at + 8);
    const count = Number(new DataView(head.buffer, head.byteOffset, 8).getBigUint64(0, true));
    const start = at + 8;
    at = start + count * (storage.dtype ? DTYPE_BYTES[storage.dtype] : 1);
    if (at > files.size(path)) throw cutShort(path);
    places.set(storage.key, { start, end: at });
  }
  return placed(files, path, tensors, ({ key }) => {
    const place = places.get(key);
    if (place) return place;
    throw new EaselError('corrupt', said`${path} lacks the storage "${key}". Download it again.`);
  });
}

const cutShort = (path: string) => new EaselError('corrupt', said`${path} is cut short. Download it again.`);

/** Where they end is not written anywhere: read as far as it takes. @returns the storages that they named, too */
async function firstPickles(
  files: ModelFiles,
  path: string,
): Promise<{ values: PickleValue[]; end: number; storages: ReadonlyMap<string, Storage> }> {
  const length = files.size(path);
  for (let read = Math.min(length, FIRST_READ); ; read = Math.min(length, 4 * read)) {
    const bytes = await files.read(path, 0, read);
    const storages = new Map<string, Storage>();
    const known = surroundings(path, storages);
    try {
      const values: PickleValue[] = [];
      let end = 0;
      for (let i = 0; i < 5; i++) {
        const one = running(path, () => unpickle(bytes, known, end));
        values.push(one.value);
        end = one.end;
        if (i === 0 && one.value !== MAGIC) break;
      }
      return { values, end, storages };
    } catch (thrown) {
      if (!(thrown instanceof CutShort)) throw thrown;
      if (read >= length) throw cutShort(path);
      if (read >= MAX_PICKLE) throw tooLong(path);
    }
  }
}

/** What an error of the machine is to a person: the file, and what is wrong with it. */
function running<T>(path: string, run: () => T): T {
  try {
    return run();
  } catch (thrown) {
    if (thrown instanceof RangeError) {
      const what = thrown instanceof BadPickle ? thrown.said : thrown.message;
      throw new EaselError('corrupt', said`${path} is damaged: its pickle ${what}. Download it again.`);
    }
    throw thrown;
  }
}

/** @param storages takes those that the pickle names */
const surroundings = (path: string, storages = new Map<string, Storage>()): Surroundings => ({
  find(name) {
    const found = nameOf(name);
    if (found) return found;
    throw new EaselError(
      'unsupported',
      said`${path} asks for "${name.slice(0, 200)}", which is not part of weights: it could run code. Nothing was run, and the file is not opened. Get the model as .safetensors.`,
    );
  },
  load(id) {
    const storage = storageOf(id);
    storages.set(storage.key, storage);
    return storage;
  },
});

/** Deeper than any file nests what it holds, and as many values as none has. */
const MAX_DEPTH = 16;
const MAX_VISITS = 1_000_000;
/** What lies beside the weights of a training that can be taken up again: as large, and of the same names. */
const BESIDE = /^(optimizer|lr_scheduler|callbacks|loops|hyper_parameters|scaler|native_amp)/;

/**
 * Visits a value and what its dicts hold; lists hold no weights.
 * @param see hears of each with the keys that lead to it, and says whether to go on inside
 */
function visit(root: PickleValue, path: string, see: (value: PickleValue, key: string) => boolean): void {
  let visits = 0;
  const walk = (value: PickleValue, key: string, depth: number) => {
    if (++visits > MAX_VISITS || depth > MAX_DEPTH)
      throw new EaselError('corrupt', said`${path} nests what it holds deeper than any model does.`);
    if (!see(value, key) || !(value instanceof Map)) return;
    for (const [name, held] of value) {
      if (typeof name !== 'string' && typeof name !== 'number') continue;
      walk(held, key === '' ? String(name) : `${key}.${name}`, depth + 1);
    }
  };
  walk(root, '', 0);
}

/** The weights by name: those of `state_dict` where there is one, else all in dicts, with the names of these. */
function tensorsOf(root: PickleValue, path: string): Map<string, Tensor> {
  const inner = root instanceof Map ? root.get('state_dict') : undefined;
  const tensors = new Map<string, Tensor>();
  visit(inner instanceof Map ? inner : root, path, (value, key) => {
    if (value instanceof Tensor) tensors.set(key, value);
    return !BESIDE.test(key);
  });
  return tensors;
}

function placed(
  files: ModelFiles,
  path: string,
  tensors: ReadonlyMap<string, Tensor>,
  placeOf: PlaceOf,
): Map<string, TorchTensor> {
  return new Map(Array.from(tensors, ([key, tensor]) => [key, place(files, path, key, tensor, placeOf)] as const));
}

/** Of a tensor that repeats its storage (`expand`), no more than this comes of it. */
const MAX_REPEATED_BYTES = 64_000_000;

/** @throws EaselError `corrupt` where a tensor reaches beyond its storage */
function place(files: ModelFiles, path: string, key: string, tensor: Tensor, placeOf: PlaceOf): TorchTensor {
  const { storage, dtype, offset, shape, strides } = tensor;
  const within = placeOf(storage);
  const size = DTYPE_BYTES[dtype];
  const count = shape.reduce((product, side) => product * side, 1);
  const start = within.start + (storage.offset + offset) * size;
  const reach = count === 0 ? 0 : shape.reduce((last, side, axis) => last + (side - 1) * strides[axis], 1);
  const spanEnd = start + reach * size;
  if (!(spanEnd <= within.end) || count * size > Math.max(within.end - within.start, MAX_REPEATED_BYTES))
    throw new EaselError(
      'corrupt',
      said`${path}: tensor "${key}" reaches beyond its storage "${storage.key}". Download the file again.`,
    );
  const entry: TensorEntry = { key, dtype, shape, path, start, end: start + count * size };
  if (isInOnePiece(shape, strides)) return { entry };
  return { entry, gather: async () => gathered(await files.read(path, start, spanEnd), tensor, count, size) };
}

/** Whether elements follow each other, the last side's first; along a side of one no step is taken. */
function isInOnePiece(shape: readonly number[], strides: readonly number[]): boolean {
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== step) return false;
    step *= shape[axis];
  }
  return true;
}

/** The elements of a view, one after the other. @param bytes of its storage from its first element on */
function gathered(bytes: Uint8Array, { shape, strides }: Tensor, count: number, size: number): Uint8Array {
  const out = new Uint8Array(count * size);
  const at = shape.map(() => 0);
  let from = 0;
  for (let to = 0; to < out.length; to += size) {
    for (let b = 0; b < size; b++) out[to + b] = bytes[from * size + b];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis];
      if (++at[axis] < shape[axis]) break;
      from -= shape[axis] * strides[axis];
      at[axis] = 0;
    }
  }
  return out;
}
