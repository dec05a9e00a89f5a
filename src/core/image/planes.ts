import type { Picture } from './picture';

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

/**
 * A picture -> RGB planes [3, height, width] of -1..1 (byte / 127.5 - 1, as diffusers' VaeImageProcessor), as an
 * autoencoder encodes them. Alpha is not looked at: flatten before.
 */
export function pictureToPlanes(picture: Picture): Float32Array<ArrayBuffer> {
  return planesOf(picture, (byte) => byte / 127.5 - 1);
}

/** A picture -> RGB planes [3, height, width] of 0..1, as an upscaler takes them. Alpha is not looked at. */
export function pictureToUnitPlanes(picture: Picture): Float32Array<ArrayBuffer> {
  return planesOf(picture, (byte) => byte / 255);
}

function planesOf({ width, height, data }: Picture, toValue: (byte: number) => number): Float32Array<ArrayBuffer> {
  const pixels = width * height;
  const out = new Float32Array(3 * pixels);
  for (let c = 0; c < 3; c++) for (let i = 0; i < pixels; i++) out[c * pixels + i] = toValue(data[4 * i + c]);
  return out;
}

/** RGB bytes, interleaved -> an opaque picture. */
export function rgbToPicture(rgb: Uint8Array, width: number, height: number): Picture {
  const data = new Uint8ClampedArray(4 * width * height).fill(255);
  for (let i = 0; i < width * height; i++) for (let c = 0; c < 3; c++) data[4 * i + c] = rgb[3 * i + c];
  return { width, height, data };
}
