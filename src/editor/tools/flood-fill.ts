import type { Box } from '../../core/image/picture';
import { type CanvasDocument, readMask, readPicture } from '../document/document';
import { type Coverage, coverRow, emptyCoverage } from './coverage';

/** How far a value may lie from the one under the pointer, 0 .. 255 in any channel, to be filled with it. */
const FILL_TOLERANCE = 24;

/** Whether pixel `at` is like the one at `origin`. */
function likeness(data: Uint8Array | Uint8ClampedArray, channels: number, origin: number, tolerance: number) {
  const wanted = data.slice(origin * channels, (origin + 1) * channels);
  return (at: number): boolean => {
    for (let c = 0; c < channels; c++) if (Math.abs(data[at * channels + c] - wanted[c]) > tolerance) return false;
    return true;
  };
}

/**
 * The connected pixels (along x and y) around a start, 255 each: Heckbert's seed fill by spans (Graphics Gems, 1990).
 */
function connected(width: number, height: number, start: number, alike: (at: number) => boolean): Uint8Array {
  const filled = new Uint8Array(width * height);
  const waiting = [start];
  for (let seed = waiting.pop(); seed !== undefined; seed = waiting.pop()) {
    if (filled[seed]) continue;
    const row = seed - (seed % width);
    let [left, right] = [seed, seed];
    while (left > row && !filled[left - 1] && alike(left - 1)) left--;
    while (right < row + width - 1 && !filled[right + 1] && alike(right + 1)) right++;
    filled.fill(255, left, right + 1);
    for (const other of [row - width, row + width]) {
      if (other < 0 || other >= width * height) continue;
      let inside = false;
      for (let at = left - row + other; at <= right - row + other; at++) {
        const open = !filled[at] && alike(at);
        if (open && !inside) waiting.push(at);
        inside = open;
      }
    }
  }
  return filled;
}

/**
 * What a fill at a point covers: the connected part of `area` whose mask (on the mask layer) or colours (on the sketch,
 * as seen) are like those at the point. Empty when the point lies outside.
 */
export function floodFill(
  document: CanvasDocument,
  layer: 'mask' | 'sketch',
  area: Box,
  x: number,
  y: number,
  tolerance = FILL_TOLERANCE,
): Coverage {
  const coverage = emptyCoverage();
  const [column, row] = [Math.floor(x) - area.x, Math.floor(y) - area.y];
  if (column < 0 || row < 0 || column >= area.width || row >= area.height) return coverage;
  const { data } = layer === 'mask' ? readMask(document, area) : readPicture(document, area);
  const origin = row * area.width + column;
  const alike = likeness(data, layer === 'mask' ? 1 : 4, origin, tolerance);
  const filled = connected(area.width, area.height, origin, alike);
  for (let line = 0; line < area.height; line++)
    coverRow(coverage, area, area.y + line, (i) => filled[line * area.width + i]);
  return coverage;
}
