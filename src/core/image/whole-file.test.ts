import { encode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { breaksOff } from './whole-file';

const png = encode({ width: 2, height: 2, channels: 3, depth: 8, data: new Uint8Array(12) });
/**
 * SOI, an APP1 segment that holds a whole small JPEG (a thumbnail), one scan with a stuffed FF and a restart mark, EOI.
 */
const jpeg = Uint8Array.from([
  0xff, 0xd8, 0xff, 0xe1, 0, 6, 0xff, 0xd8, 0xff, 0xd9, 0xff, 0xda, 0, 3, 1, 0x12, 0xff, 0, 0x34, 0xff, 0xd0, 0x56, 0xff,
  0xff, 0xd9,
]); // biome-ignore format: marker by marker

describe('files that break off', () => {
  for (const [kind, file] of Object.entries({ png, jpeg })) {
    it(`is a ${kind} cut anywhere, and not a whole one, nor one with bytes after its end`, () => {
      expect(breaksOff(file)).toBe(false);
      expect(breaksOff(Uint8Array.from([...file, 1, 2, 3]))).toBe(false);
      for (let length = 8; length < file.length; length++) expect(breaksOff(file.subarray(0, length))).toBe(true);
    });
  }

  it('says nothing about other kinds', () => {
    expect(breaksOff(Uint8Array.from([0x47, 0x49, 0x46, 0x38]))).toBe(false);
    expect(breaksOff(new Uint8Array())).toBe(false);
  });
});
