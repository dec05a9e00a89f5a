/** Four figures, without zeros that say nothing: 14.61, 0.00085. */
export function formatSignificant(value: number): string {
  return String(Number(value.toPrecision(4)));
}
