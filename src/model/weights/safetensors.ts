import { EaselError } from '../../core/errors';
import { DTYPE_BYTES, type Dtype } from './dtypes';
import type { ModelFiles } from './model-files';

/** The reference implementation's limit (safetensors `MAX_HEADER_SIZE`); real headers are below 1 MB. */
const MAX_HEADER_BYTES = 100_000_000;

/** Where a tensor's bytes lie. */
export interface TensorEntry {
  key: string;
  dtype: Dtype;
  shape: readonly number[];
  /** Path of the file in its ModelFiles. */
  path: string;
  /** Bytes [start, end) of that file. */
  start: number;
  end: number;
}

export interface SafetensorsHeader {
  tensors: Map<string, TensorEntry>;
  metadata: Readonly<Record<string, string>>;
}

const elements = (shape: readonly number[]) => shape.reduce((product, side) => product * side, 1);

/**
 * Reads the header of a safetensors file (https://github.com/huggingface/safetensors, "Format"): an 8-byte
 * little-endian length, then JSON that gives each tensor's dtype, shape and byte range. No tensor is read.
 * @throws EaselError `corrupt` naming the file, and the tensor where one is at fault; `unsupported` for an unknown
 * dtype.
 */
export async function readHeader(files: ModelFiles, path: string): Promise<SafetensorsHeader> {
  const size = files.size(path);
  const bad = (what: string) => new EaselError('corrupt', `${path}: ${what} Download or export the file again.`);
  if (size < 8) throw bad(`only ${size} bytes long, too short for a safetensors file.`);
  const prefix = await files.read(path, 0, 8);
  const view = new DataView(prefix.buffer, prefix.byteOffset, 8);
  const headerBytes = view.getUint32(0, true);
  if (view.getUint32(4, true) !== 0 || headerBytes > MAX_HEADER_BYTES) {
    throw bad(`does not begin like a safetensors file (its header would be over ${MAX_HEADER_BYTES / 1e6} MB).`);
  }
  const dataStart = 8 + headerBytes;
  if (dataStart > size)
    throw bad(`its header ends at byte ${dataStart}, but the file has only ${size}: it is cut short.`);
  let json: unknown;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(await files.read(path, 8, dataStart));
    json = JSON.parse(text);
  } catch {
    throw bad('its header is not valid JSON.');
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw bad('its header is not a JSON object.');
  const tensors = new Map<string, TensorEntry>();
  let metadata: Record<string, string> = {};
  for (const [key, value] of Object.entries(json)) {
    if (key === '__metadata__') metadata = parseMetadata(value);
    else tensors.set(key, parseEntry(path, key, value, dataStart, size));
  }
  refuseOverlaps(path, tensors);
  return { tensors, metadata };
}

function parseMetadata(value: unknown): Record<string, string> {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

function parseEntry(path: string, key: string, value: unknown, dataStart: number, size: number): TensorEntry {
  const bad = (what: string) => new EaselError('corrupt', `${path}: tensor "${key}" ${what}`);
  if (typeof value !== 'object' || value === null) throw bad('is not described by an object.');
  const { dtype, shape, data_offsets: offsets } = value as Record<string, unknown>;
  if (typeof dtype !== 'string') throw bad('has no dtype.');
  if (!Object.hasOwn(DTYPE_BYTES, dtype)) {
    throw new EaselError('unsupported', `${path}: tensor "${key}" has dtype ${dtype}. Easel reads F32, F16 and BF16.`);
  }
  const natural = (n: unknown): n is number => typeof n === 'number' && Number.isSafeInteger(n) && n >= 0;
  if (!Array.isArray(shape) || !shape.every(natural)) throw bad('has no valid shape.');
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(natural))
    throw bad('has no valid data_offsets.');
  const [from, to] = offsets as [number, number];
  if (from > to || dataStart + to > size) {
    throw bad(
      `lies at bytes ${from} to ${to}, outside the file's ${size - dataStart} bytes of data: the file is cut short.`,
    );
  }
  const expected = elements(shape) * DTYPE_BYTES[dtype as Dtype];
  if (to - from !== expected) {
    throw bad(`of shape [${shape.join(', ')}] and dtype ${dtype} needs ${expected} bytes but has ${to - from}.`);
  }
  return { key, dtype: dtype as Dtype, shape, path, start: dataStart + from, end: dataStart + to };
}

function refuseOverlaps(path: string, tensors: Map<string, TensorEntry>): void {
  const ordered = [...tensors.values()].filter((t) => t.end > t.start).sort((a, b) => a.start - b.start);
  for (let i = 1; i < ordered.length; i++) {
    const [a, b] = [ordered[i - 1], ordered[i]];
    if (b.start < a.end) {
      throw new EaselError(
        'corrupt',
        `${path}: tensors "${a.key}" and "${b.key}" overlap. The file was written wrongly.`,
      );
    }
  }
}
