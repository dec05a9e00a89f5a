import type { NoiseSource, StepInfo } from '../../core/diffusion/types';
import { type Comparison, numbers } from './golden';

/** A noise that a reference drew, and for which interval where it asked for one. */
export interface RecordedNoise {
  n: number[];
  step: number;
  sigma?: number | null;
  sigma_next?: number | null;
}

/** A noise source that repeats what the reference drew, and remembers what it was asked for. */
export function recorded(noises: readonly RecordedNoise[] = []) {
  const asked: [number?, number?][] = [];
  const draw: NoiseSource = (sigma, next) => {
    const drawn = noises[asked.length];
    if (!drawn) throw new RangeError(`The reference drew ${noises.length} noises; one more was asked for.`);
    asked.push([sigma, next]);
    return Float64Array.from(numbers(drawn.n));
  };
  return {
    draw,
    /** That as many were drawn, for the intervals that were recorded. */
    comparisons(tolerance: number): Comparison[] {
      const named = noises.flatMap(({ sigma, sigma_next }, i) =>
        sigma == null ? [] : [{ i, pair: [sigma, Number(sigma_next)] }],
      );
      return [
        { field: 'noises.length', actual: asked.length, expected: noises.length, tolerance: 0 },
        {
          field: 'noises.sigma',
          actual: named.flatMap(({ i }) => (asked[i] ?? []).map((sigma) => sigma ?? Number.NaN)),
          expected: named.flatMap(({ pair }) => pair),
          tolerance,
        },
      ];
    },
  };
}

/** A copy of what a step showed, which holds after the step. */
export function kept(info: StepInfo): StepInfo {
  return { ...info, x: info.x.slice(), denoised: info.denoised.slice() };
}
