import { EaselError, said } from '../../core/errors';
import type { ClassMapConfig } from '../layouts/latent-diffusion-file';
import type { Network } from '../layouts/network';
import { decodeFloats, isFloatDtype } from '../weights/dtypes';
import type { StateDict } from '../weights/state-dict';

/** As PaintingModel's. */
export type EncodeMap = (classes: Uint8Array, height: number, width: number) => Promise<Float32Array>;

/**
 * Latent diffusion's way to show a map of classes (`SpatialRescaler`): one plane a class, halved bilinearly as often as
 * the autoencoder halves, which is each cell's mean, then a convolution of one pixel. So each channel of a cell is the
 * mean of its pixels' columns.
 * @param scale pixels of a latent cell, a power of two
 */
export function mapEncoder({ name, config, weights }: Network<ClassMapConfig>, scale: number): EncodeMap {
  const { classes: count, channels, hasBias } = config;
  let table: Promise<[Float32Array, Float32Array]> | undefined;
  const read = async (): Promise<[Float32Array, Float32Array]> => [
    await floatsOf(weights, 'weight', name),
    hasBias ? await floatsOf(weights, 'bias', name) : new Float32Array(channels),
  ];
  return async (classes, height, width) => {
    table ??= read();
    const [kernel, bias] = await table;
    const cells = height * width;
    const out = new Float64Array(channels * cells);
    for (const [pixel, label] of classes.entries()) {
      const [y, x] = [Math.floor(pixel / (width * scale)), pixel % (width * scale)];
      const cell = Math.floor(y / scale) * width + Math.floor(x / scale);
      for (let c = 0; c < channels; c++) out[c * cells + cell] += kernel[c * count + label] / scale ** 2;
    }
    return Float32Array.from(out, (value, i) => value + bias[Math.floor(i / cells)]);
  };
}

async function floatsOf(weights: StateDict, key: string, name: string): Promise<Float32Array> {
  const dtype = weights.entries.get(key)?.dtype ?? 'F32';
  if (!isFloatDtype(dtype)) throw new EaselError('corrupt', said`${name}: its classes are no floats but ${dtype}.`);
  return decodeFloats(await weights.read(key), dtype);
}
