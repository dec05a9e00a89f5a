import { maskedBox } from './blur';
import { blankMask, cropMask, inflate, intersection, type Mask } from './picture';

/** out[i] = the largest of row[i - reach .. i + reach], 0 beyond the ends (van Herk 1992: three comparisons a pixel for any reach). */
function runningMax(row: Uint8Array, reach: number, out: Uint8Array, before: Uint8Array, after: Uint8Array): void {
  const span = 2 * reach + 1;
  const n = row.length + 2 * reach;
  for (let i = 0; i < n; i++) {
    const value = i >= reach && i < n - reach ? row[i - reach] : 0;
    before[i] = i % span === 0 ? value : Math.max(before[i - 1], value);
  }
  for (let i = n - 1; i >= 0; i--) {
    const value = i >= reach && i < n - reach ? row[i - reach] : 0;
    after[i] = i === n - 1 || i % span === span - 1 ? value : Math.max(after[i + 1], value);
  }
  for (let i = 0; i < row.length; i++) out[i] = Math.max(after[i], before[i + span - 1]);
}

/** Every pixel becomes the largest within `radius` pixels of it (a disk; centres at a distance of exactly `radius` count). */
function dilate(mask: Mask, radius: number): Mask {
  const { width, height } = mask;
  const out = blankMask(mask);
  const whole = Math.floor(radius);
  const row = new Uint8Array(width);
  const [before, after] = [new Uint8Array(width + 2 * whole), new Uint8Array(width + 2 * whole)];
  for (let y = 0; y < height; y++) {
    const source = mask.data.subarray(y * width, (y + 1) * width);
    if (!source.some((value) => value > 0)) continue;
    for (let dy = 0; dy <= whole; dy++) {
      runningMax(source, Math.floor(Math.sqrt(radius ** 2 - dy ** 2)), row, before, after);
      for (const target of dy === 0 ? [y] : [y - dy, y + dy]) {
        if (target < 0 || target >= height) continue;
        const start = target * width;
        for (let x = 0; x < width; x++) if (row[x] > out.data[start + x]) out.data[start + x] = row[x];
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

/** A mask shrunk by a disk of `radius` pixels: what is not masked grows. The mask's outer edge counts as going on, so a full mask stays full. */
export function shrinkMask(mask: Mask, radius: number): Mask {
  return invertMask(growMask(invertMask(mask), radius));
}
