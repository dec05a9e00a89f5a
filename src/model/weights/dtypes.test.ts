import { describe, expect, it } from 'vitest';
import { same } from '../fixtures/checkpoints';
import { convertTensor, decodeFloats, type FloatDtype, fromBfloat, fromHalf, toHalf } from './dtypes';

const bytesOf = (array: Float32Array | Uint16Array) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

describe('float16', () => {
  it('reads the values of IEEE 754 binary16', () => {
    // Bit patterns and values from the standard's own examples: 1, -2, largest, smallest normal, smallest subnormal,
    // 1/3.
    const bits = Uint16Array.of(0x3c00, 0xc000, 0x7bff, 0x0400, 0x0001, 0x3555, 0x7c00);
    expect([...fromHalf(bits)]).toEqual([
      1,
      -2,
      65504,
      2 ** -14,
      2 ** -24,
      Math.fround(0.333251953125),
      Number.POSITIVE_INFINITY,
    ]);
  });

  it('writes back every finite bit pattern that it reads', () => {
    const all = Uint16Array.from({ length: 65536 }, (_, i) => i).filter((bits) => (bits & 0x7c00) !== 0x7c00);
    expect(toHalf(fromHalf(all))).toEqual(all);
  });

  it('rounds to nearest, ties to even', () => {
    const step = 2 ** -10; // spacing of float16 just above 1
    const values = Float32Array.of(
      1 + step / 2,
      1 + 1.5 * step,
      1 + 0.51 * step,
      65519,
      65520,
      2 ** -25,
      1.01 * 2 ** -25,
    );
    expect([...toHalf(values)]).toEqual([0x3c00, 0x3c02, 0x3c01, 0x7bff, 0x7c00, 0x0000, 0x0001]);
  });
});

describe('bfloat16', () => {
  it('is the upper half of a float32', () => {
    // 0x4049 is pi cut to 8 significant bits: 3.140625.
    expect([...fromBfloat(Uint16Array.of(0x4049, 0xbf80, 0x0000))]).toEqual([3.140625, -1, 0]);
  });
});

describe('convertTensor', () => {
  it('reads tensors that do not start on an element boundary', () => {
    const raw = new Uint8Array([9, ...bytesOf(Float32Array.of(1.5, -2))]);
    expect([...decodeFloats(raw.subarray(1), 'F32')]).toEqual([1.5, -2]);
  });

  it('transposes a matrix [rows, columns] into [columns, rows]', () => {
    const matrix = Float32Array.of(1, 2, 3, 4, 5, 6);
    const out = convertTensor(bytesOf(matrix), 'F32', 'float32', { rows: 2, columns: 3, transposed: true });
    expect([...new Float32Array(out.buffer, out.byteOffset, 6)]).toEqual([1, 4, 2, 5, 3, 6]);
  });

  it.each([
    [3, 5, 0],
    [4, 5, 0],
    [3, 6, 0],
    [4, 6, 0],
    [4, 6, 2], // does not start on a word of four bytes
  ])('transposes %i x %i elements of two bytes, %i bytes into their memory', (rows, columns, at) => {
    const memory = new Uint8Array(at + 2 * rows * columns);
    const halves = new Uint16Array(memory.buffer, at);
    for (let i = 0; i < halves.length; i++) halves[i] = 0x3c00 + 513 * i;
    const out = convertTensor(memory.subarray(at), 'F16', 'float16', { rows, columns, transposed: true });
    expect(out).toEqual(bytesOf(halves.map((_, i) => halves[(i % rows) * columns + Math.floor(i / rows)])));
  });

  it('copies float16 to float16 bit for bit, signalling patterns included', () => {
    const bits = Uint16Array.of(0x7e01, 0x8000, 0x3c00);
    expect(convertTensor(bytesOf(bits), 'F16', 'float16', { rows: 3, columns: 1, transposed: false })).toEqual(
      bytesOf(bits),
    );
  });

  it('narrows bfloat16 to float16 through its value', () => {
    const one = { rows: 1, columns: 1, transposed: false };
    expect(convertTensor(bytesOf(Uint16Array.of(0x3f80)), 'BF16', 'float16', one)).toEqual(
      bytesOf(Uint16Array.of(0x3c00)),
    );
  });

  // 300 x 700 is more than is converted at a time, and no multiple of a block.
  const [rows, columns] = [300, 700];
  const bits = Uint16Array.from({ length: rows * columns }, (_, i) => 0x3c00 + (i % 1000));
  const precisions = ['float32', 'float16'] as const;
  it.each(precisions.flatMap((to) => [true, false].map((transposed) => [to, transposed] as const)))(
    'large matrices of every type become %s, transposed: %s',
    (to, transposed) => {
      const files = { F32: bytesOf(fromHalf(bits)), F16: bytesOf(bits), BF16: bytesOf(bits) };
      for (const from of ['F32', 'F16', 'BF16'] as const) {
        const before = files[from].slice();
        const values = decodeFloats(before, from);
        const turned = values.map((_, i) => values[transposed ? (i % rows) * columns + Math.floor(i / rows) : i]);
        const out = convertTensor(files[from], from, to, { rows, columns, transposed });
        expect(same(out, bytesOf(to === 'float32' ? turned : toHalf(turned))), from).toBe(true);
        expect(same(files[from], before)).toBe(true);
      }
    },
  );
});

describe('8 and 64 bits', () => {
  const values = (dtype: FloatDtype, ...bytes: number[]) => [...decodeFloats(Uint8Array.from(bytes), dtype)];

  it('reads the values of the OCP specification’s E4M3 and E5M2', () => {
    // Tables 1 and 2 of the specification: 1, -2, largest, smallest normal, smallest and largest subnormal, zero.
    expect(values('F8_E4M3', 0x38, 0xc0, 0x7e, 0x08, 0x01, 0x07, 0x80)).toEqual([
      1,
      -2,
      448,
      2 ** -6,
      2 ** -9,
      7 * 2 ** -9,
      -0,
    ]);
    expect(values('F8_E4M3', 0x7f, 0xff)).toEqual([Number.NaN, Number.NaN]);
    expect(values('F8_E5M2', 0x3c, 0xc0, 0x7b, 0x04, 0x01, 0x03, 0x7c)).toEqual([
      1,
      -2,
      57344,
      2 ** -14,
      2 ** -16,
      3 * 2 ** -16,
      Number.POSITIVE_INFINITY,
    ]);
  });

  it('brings every type into what a graph wants, turned over or not, wherever the bytes begin', () => {
    const numbers = [1, -2, 0.5, 0.25, 1.5, -3];
    const doubles = new Uint8Array(Float64Array.from(numbers).buffer);
    const e4m3 = Uint8Array.of(0x38, 0xc0, 0x30, 0x28, 0x3c, 0xc4);
    const e5m2 = Uint8Array.of(0x3c, 0xc0, 0x38, 0x34, 0x3e, 0xc2);
    for (const [dtype, bytes] of [
      ['F64', doubles],
      ['F8_E4M3', e4m3],
      ['F8_E5M2', e5m2],
    ] as const)
      for (const shift of [0, 1]) {
        const moved = new Uint8Array(bytes.length + shift);
        moved.set(bytes, shift);
        const given = moved.subarray(shift);
        const plain = convertTensor(given, dtype, 'float32', { rows: 2, columns: 3, transposed: false });
        expect([...decodeFloats(plain, 'F32')]).toEqual(numbers);
        const turned = convertTensor(given, dtype, 'float16', { rows: 2, columns: 3, transposed: true });
        expect([...decodeFloats(turned, 'F16')]).toEqual([1, 0.25, -2, 1.5, 0.5, -3]);
      }
  });
});
