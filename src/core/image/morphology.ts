import { maskedBox } from './blur';
import { blankMask, cropMask, inflate, intersection, type Mask } from './picture';

/**
 * Widens running maxima in place: what was the largest within `from` pixels of each becomes the largest within `to`.
 * Windows side by side make a wider one, as long as they meet.
 */
function widen(row: Uint8Array, from: number, to: number, spare: Uint8Array): void {
  const n = row.length;
  for (let reach = from; reach < to; ) {
    const shift = Math.min(to - reach, Math.max(1, reach));
    spare.set(row);
    for (let i = 0; i < n; i++) {
      const before = i >= shift ? spare[i - shift] : 0;
      const after = i + shift < n ? spare[i + shift] : 0;
      // Its own window too: it reaches what the others' would beyond the ends.
      row[i] = Math.max(spare[i], before, after);
    }
    reach += shift;
  }
}

/** Where a row is not 0, as [start, end) runs; runs that lie no farther apart than `gap` count as one. */
function runsOf(row: Uint8Array, gap: number): [start: number, end: number][] {
  const runs: [number, number][] = [];
  for (let x = 0; x < row.length; x++) {
    if (row[x] === 0) continue;
    const last = runs.at(-1);
    if (last && x - last[1] <= gap) last[1] = x + 1;
    else runs.push([x, x + 1]);
  }
  return runs;
}

/**
 * Every pixel becomes the largest within `radius` pixels of it (a disk; centres at a distance of exactly `radius`
 * count): the greatest of the running maxima along the disk's chords. Only near what is masked is there anything to do.
 */
function dilate(mask: Mask, radius: number): Mask {
  const { width, height } = mask;
  const out = blankMask(mask);
  const whole = Math.floor(radius);
  const [chords, spare] = [new Uint8Array(width), new Uint8Array(width)];
  for (let y = 0; y < height; y++) {
    const row = mask.data.subarray(y * width, (y + 1) * width);
    for (const [start, end] of runsOf(row, 2 * whole)) {
      const [from, to] = [Math.max(0, start - whole), Math.min(width, end + whole)];
      const chord = chords.subarray(0, to - from);
      chord.set(row.subarray(from, to));
      // From the disk's top, where its chord is shortest, to its middle.
      for (let dy = whole, reach = 0; dy >= 0; dy--) {
        const next = Math.floor(Math.sqrt(radius ** 2 - dy ** 2));
        widen(chord, reach, next, spare);
        reach = next;
        for (const target of dy === 0 ? [y] : [y - dy, y + dy]) {
          if (target < 0 || target >= height) continue;
          const at = target * width + from;
          for (let x = 0; x < chord.length; x++) if (chord[x] > out.data[at + x]) out.data[at + x] = chord[x];
        }
      }
    }
  }
  return out;
}

/** What is kept becomes repainted and the other way round. */
export function invertMask(mask: Mask): Mask {
  return { ...mask, data: mask.data.map((value) => 255 - value) };
}

/** A mask grown by a disk of `radius` pixels; soft edges keep their softness. */
export function growMask(mask: Mask, radius: number): Mask {
  const around = maskedBox(mask);
  const out = blankMask(mask);
  if (!around) return out;
  const reach = intersection(inflate(around, Math.ceil(radius)), {
    x: 0,
    y: 0,
    width: mask.width,
    height: mask.height,
  });
  const grown = dilate(cropMask(mask, reach), radius);
  for (let y = 0; y < reach.height; y++)
    out.data.set(grown.data.subarray(y * reach.width, (y + 1) * reach.width), (reach.y + y) * mask.width + reach.x);
  return out;
}

/**
 * A mask shrunk by a disk of `radius` pixels: what is not masked grows. The mask's outer edge counts as going on, so a
 * full mask stays full.
 */
export function shrinkMask(mask: Mask, radius: number): Mask {
  return invertMask(growMask(invertMask(mask), radius));
}
