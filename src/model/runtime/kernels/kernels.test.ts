import { describe, expect, it } from 'vitest';
import { convolution } from './convolution';
import { attentionBytes, flashAttention } from './flash-attention';
import { matrixProduct } from './matrix-product';
import { fingerprint, isHalf, recognise, sectionsOf, unknownSections } from './recognise';
import { sourceOf } from './tiled-product';
import { chooseTiling, groupThreads, tileCount, tilingsFor, workgroupBytes } from './tiling';
import { packUniforms } from './uniforms';

const LIMITS = { maxComputeWorkgroupStorageSize: 16_384, maxComputeInvocationsPerWorkgroup: 256 };
const ALL = tilingsFor({ maxComputeWorkgroupStorageSize: 65_536 }, false);

describe('tilings', () => {
  it('fit every device in float16; in float32 at least the largest do', () => {
    expect(tilingsFor(LIMITS, true)).toEqual(ALL);
    expect(tilingsFor(LIMITS, false).length).toBeGreaterThan(0);
    for (const tiling of ALL) expect(groupThreads(tiling) * tiling.groups).toBeLessThanOrEqual(256);
  });

  it('take what they declare of workgroup memory', () => {
    for (const tiling of ALL) {
      const text = sourceOf(matrixProduct('', false, 2, 'none'), tiling);
      const bytes = [...text.matchAll(/^var<workgroup> \w+: (.+);$/gm)].map(([, type]) => {
        const counts = [...type.matchAll(/, (\d+)>/g)].map(([, count]) => Number(count));
        return counts.reduce((product, count) => product * count, 16);
      });
      expect(bytes.reduce((sum, size) => sum + size)).toBe(workgroupBytes(tiling, false));
    }
  });

  it('grow smaller with the result, and never run out', () => {
    const rows = [65_536, 8192, 2048, 512, 128, 2].map((count) => ALL.indexOf(chooseTiling(ALL, count, 640, 640)));
    expect(rows).toEqual([...rows].sort());
    expect(rows.at(0)).toBe(0);
    expect(rows.at(-1)).toBe(ALL.length - 1);
    expect(tileCount(ALL[0], 65, 64)).toBe(2);
  });

  it('are narrow where a wide one would compute columns that are not there', () => {
    const columnsOf = (columns: number) => chooseTiling(ALL, 1e6, columns, 640).columns;
    expect([32, 64, 96, 320].map(columnsOf)).toEqual([32, 64, 32, 64]);
  });
});

describe('shader texts', () => {
  it('balance their brackets, declare each binding once, and carry no hole', () => {
    const declarations = '@group(0) @binding(0) var<storage, read> x: array<vec4<f32>>;';
    for (const half of [false, true])
      for (const tiling of ALL)
        for (const product of [
          convolution(declarations, half, true),
          convolution(declarations, half, false),
          matrixProduct(declarations, half, 2, 'beta-c'),
          matrixProduct(declarations, half, 3, 'bias'),
        ]) {
          const text = sourceOf(product, tiling);
          for (const [open, close] of ['{}', '()', '[]'])
            expect(text.split(open).length, `${open} ${close}`).toBe(text.split(close).length);
          expect(text).not.toMatch(/undefined|NaN|\[object/);
          expect(text.split('@binding(0)')).toHaveLength(2);
          expect(text.startsWith('enable f16;')).toBe(half);
        }
  });
});

describe('attention', () => {
  /** Bytes of what a text declares for a workgroup. */
  const declared = (text: string, half: boolean) =>
    [...text.matchAll(/^var<workgroup> \w+: (.+);$/gm)].reduce((sum, [, type]) => {
      const counts = [...type.matchAll(/, (\d+)>/g)].map(([, count]) => Number(count));
      return sum + counts.reduce((product, count) => product * count, type.includes('Vector') ? (half ? 8 : 16) : 4);
    }, 0);

  it.each([
    [true, 49_152, 64],
    [true, 32_768, 64],
    [true, 16_384, 16],
    [false, 49_152, 32],
    [false, 32_768, 16],
  ])('takes as many keys at a time as the workgroup memory holds (float16 %s, %i bytes: %i)', (half, storage, keys) => {
    const text = flashAttention('@group(0) @binding(0) var<storage, read> q: array<vec4<f32>>;', half, 10, storage);
    expect(text).toContain(`first += ${keys}u`);
    expect(declared(text, half)).toBe(attentionBytes(keys, half));
    expect(attentionBytes(keys, half)).toBeLessThanOrEqual(storage);
    for (const [open, close] of ['{}', '()', '[]']) expect(text.split(open)).toHaveLength(text.split(close).length);
    expect(text).not.toMatch(/undefined|NaN|\[object/);
  });
});

describe('recognition', () => {
  it('hashes as FNV-1a of 64 bits does', () => {
    // From Noll's table of test vectors (www.isthe.com/chongo/tech/comp/fnv).
    expect(fingerprint('')).toBe('cbf29ce484222325');
    expect(fingerprint('a')).toBe('af63dc4c8601ec8c');
    expect(fingerprint('foobar')).toBe('85944171f73967e8');
  });

  it('leaves what is none of its programs alone, and says so of one whose text is another', () => {
    expect(recognise('fn main() {}', LIMITS)).toBeUndefined();
    const stranger = [
      '@group(0) @binding(0) var<storage, read> x: array<vec4<f16>>;',
      '@group(0) @binding(1) var<storage, read> w: array<vec4<f16>>;',
      'fn mm_readA(batch : i32, row : i32, colIn : i32) -> vec4<x_element_t> {',
      '}',
    ].join('\n');
    expect(recognise(stranger, LIMITS)).toEqual({ unknown: 'Conv2dMM' });
    expect(unknownSections(stranger).map(({ section }) => section.slice(0, 12))).toEqual([
      '@group(0) @b',
      'fn mm_readA(',
    ]);
    // Numbers for each channel alone, as for three of them, have another way to be read.
    expect(recognise(stranger.replaceAll('vec4<f16>>', 'f16>'), LIMITS)).toBeUndefined();
  });

  it('sees float16 in pairs, as a group of ten channels is read, and in fours', () => {
    expect(isHalf('x: array<vec2<f16>>')).toBe(true);
    expect(isHalf('x: array<vec4<f16>>')).toBe(true);
    expect(isHalf('x: array<vec2<f32>>')).toBe(false);
  });

  it('cuts a text into functions and workgroup variables, and loses nothing', () => {
    const text =
      'struct A {}\nfn a() {}fn b() {}\nvar<workgroup> c: u32;\nconst d = 1;\n@compute @workgroup_size(1)\nfn main() {}';
    expect(sectionsOf(text).join('')).toBe(text);
    expect(sectionsOf(text)).toHaveLength(6);
  });
});

describe('uniforms', () => {
  it('lie where WGSL puts them: vec3 and vec4 on sixteen bytes, vec2 on eight', () => {
    const struct = `struct Uniforms {
  a: vec3<u32>,
  b: u32,
  c: vec2<u32>,
  d: f32,
  e: vec4<u32>
};`;
    const packed = packUniforms(struct, { a: [1, 2, 3], b: 4, c: [5, 6], d: 0.5, e: [7, 8, 9, 10] });
    expect(packed.byteLength).toBe(48);
    expect([...new Uint32Array(packed, 0, 6)]).toEqual([1, 2, 3, 4, 5, 6]);
    expect(new Float32Array(packed, 24, 1)[0]).toBe(0.5);
    expect([...new Uint32Array(packed, 32, 4)]).toEqual([7, 8, 9, 10]);
  });
});
