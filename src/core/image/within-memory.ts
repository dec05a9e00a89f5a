import { EaselError, said } from '../errors';
import type { Size } from './picture';

/**
 * Makes a picture of a size for which memory may not be enough.
 * @throws EaselError `out-of-memory` naming the size, where its bytes cannot be had; whatever else goes wrong
 */
export async function withinMemory<T>({ width, height }: Size, make: () => Promise<T>): Promise<T> {
  try {
    return await make();
  } catch (cause) {
    // What engines throw for a typed array that is too long, or that there is no memory for.
    if (!(cause instanceof RangeError)) throw cause;
    const message = said`There is no memory for ${width} x ${height} pixels. Use a smaller size, or close other pages.`;
    throw new EaselError('out-of-memory', message, { cause });
  }
}
