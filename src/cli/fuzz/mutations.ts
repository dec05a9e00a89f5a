import fc from 'fast-check';
import { type RawTensor, safetensorsPieces } from '../../model/fixtures/random-model';
import type { ModelFiles } from '../../model/weights/model-files';

/** What a stranger's file may hold: ways to spoil JSON, bytes, text and tensors that were right. */

/** Values that break careless readers, beside whatever JSON may hold. */
const anyValue = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom(
    0,
    -1,
    1,
    1.5,
    1e9,
    2 ** 53,
    null,
    '',
    [],
    {},
    [[1]],
    [1e9, 1e9],
    '__proto__',
    'AutoencoderTiny',
    'VQModel',
  ),
  fc.array(fc.integer({ min: -2, max: 300 }), { maxLength: 9 }),
);

/** An object with some of its fields, or further ones, set to anything. */
export const spoiledFields = (json: Record<string, unknown>): fc.Arbitrary<Record<string, unknown>> =>
  fc
    .array(fc.tuple(fc.oneof(fc.constantFrom(...Object.keys(json)), fc.string()), anyValue), {
      minLength: 1,
      maxLength: 3,
    })
    .map((changes) => ({ ...json, ...Object.fromEntries(changes) }));

/** Bytes at the edges of what a length, a varint or a character can be. */
const edge = fc.oneof(fc.constantFrom(0, 1, 0x7f, 0x80, 0xfe, 0xff), fc.integer({ min: 0, max: 255 }));
type ByteEdit = { at: number; cut: number; put: number[] };
const byteEdit = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  cut: fc.oneof(fc.integer({ min: 0, max: 4 }), fc.nat(200)),
  put: fc.array(edge, { maxLength: 6 }),
});

/**
 * Bytes with pieces cut out, overwritten or put in, one to four times; often of the same length, so that what follows
 * stays readable.
 */
export const spoiledBytes = (good: Uint8Array): fc.Arbitrary<Uint8Array> =>
  fc.array(byteEdit, { minLength: 1, maxLength: 4 }).map((edits) => edits.reduce(withEdit, good));

function withEdit(bytes: Uint8Array, { at, cut, put }: ByteEdit): Uint8Array {
  const from = Math.min(bytes.length, Math.floor(at * (bytes.length + 1)));
  const rest = bytes.subarray(Math.min(bytes.length, from + (cut <= 4 ? put.length : cut)));
  const out = new Uint8Array(from + put.length + rest.length);
  out.set(bytes.subarray(0, from));
  out.set(put, from);
  out.set(rest, from + put.length);
  return out;
}

/** Text with pieces cut out, doubled or put in. */
export const spoiledText = (good: string, pieces: readonly string[]): fc.Arbitrary<string> =>
  fc
    .array(
      fc.tuple(fc.nat(good.length), fc.nat(12), fc.oneof(fc.constantFrom('', ...pieces), fc.string({ maxLength: 6 }))),
      { minLength: 1, maxLength: 4 },
    )
    .map((edits) => edits.reduce(edited, good));

function edited(text: string, [at, length, piece]: [number, number, string]): string {
  const from = at % (text.length + 1);
  return text.slice(0, from) + piece + text.slice(from + length);
}

/**
 * Shapes whose bytes still add up, so that the header itself stays valid: sides swapped, merged, or of nothing at all.
 */
const reshape = fc.constantFrom<(shape: readonly number[]) => readonly number[]>(
  (shape) => [...shape].reverse(),
  (shape) => [shape.reduce((a, b) => a * b, 1)],
  (shape) => [1, ...shape],
  (shape) => [...shape, 1, 1],
  () => [2 ** 40, 0],
  () => [0],
  () => [],
);

const KEY_PIECES = ['', '.', '_', '0', '99999999999', 'weight', 'lora_down', '__proto__'] as const;
const keyEdit = fc.tuple(fc.nat(200), fc.nat(12), fc.constantFrom(...KEY_PIECES));
const tensorEdits = fc.array(
  fc.record(
    { index: fc.nat(), key: keyEdit, shape: reshape, integer: fc.constant(true), drop: fc.boolean() },
    { requiredKeys: ['index'] },
  ),
  { minLength: 1, maxLength: 4 },
);

/** A file of tensors some of which have another name, shape or type, or are gone; its header is valid. */
export const spoiledTensors = (good: ReadonlyMap<string, RawTensor>): fc.Arbitrary<ModelFiles> =>
  tensorEdits.map((edits) => {
    const entries = [...good];
    for (const { index, key, shape, integer, drop } of edits) {
      const at = index % entries.length;
      const [name, tensor] = entries[at];
      const sides = shape?.(tensor.shape) ?? tensor.shape;
      const dtype = integer ? 'I64' : tensor.dtype;
      const size = dtype === 'I64' ? 8 : dtype === 'F32' ? 4 : 2;
      const bytes = new Uint8Array(sides.reduce((a, b) => a * b, 1) * size);
      entries[at] = [key ? edited(name, key) : name, { dtype, shape: sides, bytes }];
      if (drop && entries.length > 1) entries.splice(at, 1);
    }
    return tensorFile(new Map(entries));
  });

/** A model of one file, `x.safetensors`, which lies in memory in pieces: thousands are made of one set of tensors. */
export function tensorFile(tensors: ReadonlyMap<string, RawTensor>): ModelFiles {
  const pieces = safetensorsPieces(tensors);
  const size = pieces.reduce((sum, { length }) => sum + length, 0);
  return {
    name: 'm',
    list: () => ['x.safetensors'],
    size: () => size,
    async read(_, start = 0, end = size) {
      const bytes = new Uint8Array(Math.max(0, end - start));
      let at = 0;
      for (const piece of pieces) {
        const [from, to] = [Math.max(start, at), Math.min(end, at + piece.length)];
        if (from < to) bytes.set(piece.subarray(from - at, to - at), from - start);
        at += piece.length;
      }
      return bytes;
    },
  };
}
