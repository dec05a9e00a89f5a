import { areFinite } from '../../core/array';
import { type Said, said } from '../../core/errors';
import type { Precision } from '../weights/dtypes';

/** A network that runs in 16-bit floats as long as these hold its numbers. */
interface HalfNetwork {
  /** In which it runs now. */
  precision(): Precision;
  /** Goes over to 32-bit floats for good. */
  toFloat32(): Promise<void>;
  /** Hears that it has, in a sentence. */
  tell(note: Said): void;
}

/**
 * What runs a network, and again in 32-bit floats where 16 bits do not hold what comes out.
 * @param name of its file
 */
export function finiteRuns(name: string, { precision, toFloat32, tell }: HalfNetwork) {
  return async <T>(run: () => Promise<T>, numbersOf: (result: T) => Float32Array): Promise<T> => {
    const result = await run();
    if (precision() === 'float32' || areFinite(numbersOf(result))) return result;
    await toFloat32();
    tell(said`${name} overflows in 16-bit floats; it runs in 32-bit floats now, slower and with twice the memory.`);
    return run();
  };
}
