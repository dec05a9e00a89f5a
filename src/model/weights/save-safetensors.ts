import { DTYPE_BYTES, type Dtype } from './dtypes';
import type { StateDict } from './state-dict';

/** Tensors begin at multiples of this, as the reference implementation writes them. */
const ALIGNMENT = 8;

/**
 * A safetensors file of tensors: their header, then each as it lies. What lies outside this thread's memory stays
 * there: the file is made of slices of that, and read when it is written somewhere.
 */
export async function safetensorsOf({ entries, read, placeOf }: StateDict): Promise<Blob> {
  // Wider elements first, as the reference implementation has it, so that each tensor is aligned.
  const ordered = [...entries.values()].sort((a, b) => widthOf(b) - widthOf(a));
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } };
  let at = 0;
  for (const { key, dtype, shape, start, end } of ordered) {
    header[key] = { dtype, shape, data_offsets: [at, at + end - start] };
    at += end - start;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const padded = new Uint8Array(Math.ceil(json.length / ALIGNMENT) * ALIGNMENT).fill(0x20);
  padded.set(json);
  const length = new DataView(new ArrayBuffer(8));
  length.setBigUint64(0, BigInt(padded.length), true);
  const parts: BlobPart[] = [length.buffer, padded];
  for (const { key } of ordered) {
    const place = placeOf?.(key);
    parts.push(place ? place.file.slice(place.start, place.end) : ((await read(key)) as BlobPart));
  }
  return new Blob(parts, { type: 'application/octet-stream' });
}

const widthOf = ({ dtype }: { dtype: Dtype }) => DTYPE_BYTES[dtype];
