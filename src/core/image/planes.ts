/** RGB planes [3, height, width] of -1..1, as an autoencoder decodes them -> RGB bytes, interleaved. */
export function planesToRgb(planes: Float32Array): Uint8Array<ArrayBuffer> {
  const pixels = planes.length / 3;
  const out = new Uint8Array(planes.length);
  for (let c = 0; c < 3; c++) {
    for (let i = 0; i < pixels; i++) {
      // As diffusers: to 0..1, clamp, times 255, round.
      const value = Math.min(1, Math.max(0, planes[c * pixels + i] / 2 + 0.5));
      out[3 * i + c] = Math.round(value * 255);
    }
  }
  return out;
}
