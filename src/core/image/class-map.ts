import { EaselError, said } from '../errors';
import type { Picture } from './picture';

/**
 * The colour that PASCAL VOC's label maps, and programs after them, have for a class: its bits in turn go to red, green
 * and blue, the highest bit of each first (VOC development kit, `VOClabelcolormap`).
 * @returns 0xrrggbb
 */
export function labelColour(label: number): number {
  let colour = 0;
  for (let bit = 0; bit < 8; bit++)
    if (label & (1 << bit)) colour |= 1 << (8 * (2 - (bit % 3)) + 7 - Math.floor(bit / 3));
  return colour;
}

/**
 * What class each pixel of a picture stands for. In one of greys, a grey's value is the class; in one with any colour,
 * the colours are those of label maps. Where it is transparent, class 0.
 * @param classes how many there are, at most 256
 * @throws EaselError `bad-request` naming the first pixel that is of no class
 */
export function classesOf({ data, width }: Picture, classes: number): Uint8Array {
  const pixels = data.length / 4;
  const colourAt = (i: number) => (data[4 * i] << 16) | (data[4 * i + 1] << 8) | data[4 * i + 2];
  const isGrey = (i: number) => data[4 * i] === data[4 * i + 1] && data[4 * i] === data[4 * i + 2];
  let greys = true;
  for (let i = 0; i < pixels && greys; i++) greys = data[4 * i + 3] === 0 || isGrey(i);
  const byColour = new Map(Array.from({ length: classes }, (_, label) => [labelColour(label), label]));
  const out = new Uint8Array(pixels);
  for (let i = 0; i < pixels; i++) {
    if (data[4 * i + 3] === 0) continue;
    const label = greys ? data[4 * i] : (byColour.get(colourAt(i)) ?? classes);
    if (label >= classes) {
      const hex = `#${colourAt(i).toString(16).padStart(6, '0')}`;
      throw new EaselError(
        'bad-request',
        said`The map has ${hex} at ${i % width}, ${Math.floor(i / width)}, which is no class of this model. Save it as a PNG of greys whose value is the class, 0 to ${classes - 1}, or in the colours of PASCAL VOC’s label maps.`,
      );
    }
    out[i] = label;
  }
  return out;
}
