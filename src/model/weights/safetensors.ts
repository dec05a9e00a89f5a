import * as v from 'valibot';
import { asMessage, EaselError, type Said, said } from '../../core/errors';
import { readFields } from '../read-fields';
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
  metadata: Readonly<Record<string, string | undefined>>;
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
  const bad = (what: Said) => new EaselError('corrupt', said`${path}: ${what} Download or export the file again.`);
  if (size < 8) throw bad(said`only ${size} bytes long, too short for a safetensors file.`);
  const prefix = await files.read(path, 0, 8);
  const view = new DataView(prefix.buffer, prefix.byteOffset, 8);
  const headerBytes = view.getUint32(0, true);
  if (view.getUint32(4, true) !== 0 || headerBytes > MAX_HEADER_BYTES) {
    throw bad(said`does not begin like a safetensors file (its header would be over ${MAX_HEADER_BYTES / 1e6} MB).`);
  }
  const dataStart = 8 + headerBytes;
  if (dataStart > size)
    throw bad(said`its header ends at byte ${dataStart}, but the file has only ${size}: it is cut short.`);
  let json: unknown;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(await files.read(path, 8, dataStart));
    json = JSON.parse(text);
  } catch {
    throw bad(said`its header is not valid JSON.`);
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw bad(said`its header is not a JSON object.`);
  // Entry by entry: a `record` would leave out a tensor named like a member of all objects.
  const { __metadata__, ...entries } = json as Record<string, unknown>;
  const tensors = new Map<string, TensorEntry>();
  for (const [key, value] of Object.entries(entries)) tensors.set(key, parseEntry(path, key, value, dataStart, size));
  refuseOverlaps(path, tensors);
  return { tensors, metadata: v.parse(MetadataSchema, __metadata__) };
}

const NaturalSchema = v.message(
  v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  asMessage(said`must be a whole number`),
);
const TensorSchema = v.object({
  dtype: v.picklist(
    Object.keys(DTYPE_BYTES) as Dtype[],
    asMessage(said`is none that Easel reads: floats of 8 to 64 bits, and whole numbers`),
  ),
  shape: v.array(NaturalSchema),
  data_offsets: v.tuple([NaturalSchema, NaturalSchema]),
});
/** What a file says of itself is never a reason to refuse it: what is no text is left out. */
const MetadataSchema = v.fallback(v.record(v.string(), v.fallback(v.optional(v.string()), undefined)), {});

function parseEntry(path: string, key: string, value: unknown, dataStart: number, size: number): TensorEntry {
  const named = said`${path}: tensor "${key}"`;
  const bad = (what: Said) => new EaselError('corrupt', said`${named} ${what}`);
  const { dtype, shape, data_offsets } = readFields(TensorSchema, value, named);
  const [from, to] = data_offsets;
  if (from > to || dataStart + to > size) {
    throw bad(
      said`lies at bytes ${from} to ${to}, outside the file's ${size - dataStart} bytes of data: the file is cut short.`,
    );
  }
  const expected = elements(shape) * DTYPE_BYTES[dtype];
  if (to - from !== expected) {
    throw bad(said`of shape [${shape.join(', ')}] and dtype ${dtype} needs ${expected} bytes but has ${to - from}.`);
  }
  return { key, dtype, shape, path, start: dataStart + from, end: dataStart + to };
}

function refuseOverlaps(path: string, tensors: Map<string, TensorEntry>): void {
  const ordered = [...tensors.values()].filter((t) => t.end > t.start).sort((a, b) => a.start - b.start);
  for (let i = 1; i < ordered.length; i++) {
    const [a, b] = [ordered[i - 1], ordered[i]];
    if (b.start < a.end) {
      throw new EaselError(
        'corrupt',
        said`${path}: tensors "${a.key}" and "${b.key}" overlap. The file was written wrongly.`,
      );
    }
  }
}
