import { TILE, type Tile, words } from '../document/tiles';

/**
 * The difference of two versions of a tile, as runs over the words of a XOR b: applied to either it gives the other, so
 * one copy serves undo and redo. A run is [length * 2 + 1, word]; what does not repeat is [length * 2, words ...].
 */
export type TileXor = Uint32Array<ArrayBuffer>;

/** A shorter repetition costs more to announce than to write out. */
const WORTH_A_RUN = 4;

/**
 * Room for one tile's difference and its runs, kept between calls: at worst a header for every run and the literal
 * before it, each run covering four words.
 */
const LARGEST = (TILE * TILE * 4) >> 2;
const difference = new Uint32Array(LARGEST);
const runs = new Uint32Array(LARGEST + (LARGEST >> 1) + 2);

/** @param a, b two versions of a tile; an absent one is all 0 */
export function tileXor(a: Tile | undefined, b: Tile | undefined, length: number): TileXor {
  const [left, right] = [a && words(a), b && words(b)];
  const count = length >> 2;
  const xor = difference.subarray(0, count);
  for (let i = 0; i < count; i++) xor[i] = (left ? left[i] : 0) ^ (right ? right[i] : 0);
  let [at, literal] = [0, 0];
  const endLiteral = (end: number) => {
    if (end === literal) return;
    runs[at++] = (end - literal) * 2;
    runs.set(xor.subarray(literal, end), at);
    at += end - literal;
  };
  for (let i = 0; i < count; ) {
    const word = xor[i];
    let end = i + 1;
    while (end < count && xor[end] === word) end++;
    if (end - i >= WORTH_A_RUN) {
      endLiteral(i);
      runs[at++] = (end - i) * 2 + 1;
      runs[at++] = word;
      literal = end;
    }
    i = end;
  }
  endLiteral(count);
  return runs.slice(0, at);
}

/** The other version of a tile. @param tile one version; absent is all 0 */
export function applyXor(tile: Tile | undefined, xor: TileXor, length: number): Tile {
  const out: Tile = tile ? tile.slice() : new Uint8Array(length);
  const target = words(out);
  let position = 0;
  for (let at = 0; at < xor.length; ) {
    const header = xor[at++];
    const end = position + (header >>> 1);
    if (header & 1) {
      const word = xor[at++];
      if (word !== 0) for (let i = position; i < end; i++) target[i] ^= word;
    } else for (let i = position; i < end; i++) target[i] ^= xor[at++];
    position = end;
  }
  return out;
}
