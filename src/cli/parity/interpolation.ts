import { type Interpolation, interpolate } from '../../core/image/interpolate';
import { type Comparison, relativeError } from './expected';
import type { Surroundings } from './networks';

/** `bicubic-antialias.16x20`: the mode, and height and width of what comes out. */
const NAME = /^(nearest|nearest-exact|(?:bilinear|bicubic)(?:-antialias)?)\.(\d+)x(\d+)$/;

/** It is arithmetic, wherever networks run. */
const TOLERANCE = 1e-6;

/** Whether a case is of torch's `interpolate`. */
export const isInterpolation = (name: string): boolean => NAME.test(name);

/** Compares cases of torch's `interpolate` of `latent` [1, channels, height, width]. */
export async function compareInterpolation({ expected }: Surroundings, cases: string[]): Promise<Comparison[]> {
  const latent = await expected.floats('latent');
  const [, , fromHeight, fromWidth] = expected.shape('latent');
  const from = { width: fromWidth, height: fromHeight };
  const compared = cases.map(async (name): Promise<Comparison> => {
    const [, mode, height, width] = NAME.exec(name) ?? [];
    const actual = interpolate(latent, from, { width: Number(width), height: Number(height) }, mode as Interpolation);
    const error = relativeError(actual, await expected.floats(name));
    return { name, kind: 'compared', error, tolerance: TOLERANCE };
  });
  return Promise.all(compared);
}
