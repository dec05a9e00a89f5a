/**
 * Hue of line i of n: even steps round the wheel, from the accent's orange. Beyond seven, neighbours in the list stand
 * far apart.
 */
function hue(i: number, n: number): number {
  return n <= 7 ? 55 + (i * 360) / n : (55 + i * 137.508) % 360;
}

/** A line's colour, as light on dark as dark on light. */
export function lineColour(i: number, n: number): string {
  const h = hue(i, n).toFixed(1);
  return `light-dark(oklch(0.53 0.16 ${h}), oklch(0.77 0.13 ${h}))`;
}

/** Its dashes: where colours come close, these tell lines apart. */
export function lineDashes(i: number, n: number): string | undefined {
  return n <= 7 ? undefined : [undefined, '6 3', '2 3'][i % 3];
}

/** Dashes through which a line below is seen. */
export const MAIN_DASHES = '10 6';

/** The class of all that is drawn of line i. */
export const lineClass = (i: number): string => `line-of-${i}`;
