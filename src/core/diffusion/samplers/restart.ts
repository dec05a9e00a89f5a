import { combine } from '../../array';
import { karrasSigmas } from '../step-schedules/noise-levels';
import type { Sampler } from '../types';
import { heun } from './euler';

/** Once at `low`, back up to `upTo` and down again in so many noise levels, so many times. */
interface Climb {
  low: number;
  levels: number;
  times: number;
  upTo: number;
}

function nearest(sigmas: readonly number[], value: number): number {
  const distances = sigmas.map((sigma) => Math.abs(sigma - value));
  return distances.indexOf(Math.min(...distances));
}

/** The authors' choice for a number of steps: nothing below 20; else a part of the steps goes to repeating 0.1 .. 2. */
function usualClimb(sigmas: readonly number[]): { sigmas: readonly number[]; climb?: Climb } {
  const steps = sigmas.length - 1;
  if (steps < 20) return { sigmas };
  const [again, times] = steps >= 36 ? [Math.floor(steps / 4), 2] : [9, 1];
  return {
    sigmas: karrasSigmas(steps - again * times, sigmas[steps - 1], sigmas[0]),
    climb: { low: 0.1, levels: again + 1, times, upTo: 2 },
  };
}

/**
 * Restart sampling (Xu et al. 2023, algorithm 1): Heun's method, going back up through noise at chosen levels and down
 * again. From 20 steps on the list of noise levels is rebuilt (Karras, between its first and last).
 */
export const restart: Sampler = async (denoise, x, given, options) => {
  const { noise, sNoise = 1 } = options;
  const { sigmas, climb } = usualClimb(given);
  const bottom = climb && nearest(sigmas, climb.low);
  const pairs: [number, number][] = [];
  for (let i = 0; i < sigmas.length - 1; i++) {
    pairs.push([sigmas[i], sigmas[i + 1]]);
    if (!climb || i + 1 !== bottom) continue;
    const { levels, times, upTo } = climb;
    const top = nearest(sigmas, upTo);
    if (top >= bottom) continue;
    const again = karrasSigmas(levels, sigmas[bottom], sigmas[top]).slice(0, -1);
    for (let k = 0; k < times; k++) for (let j = 0; j < again.length - 1; j++) pairs.push([again[j], again[j + 1]]);
  }
  let level = pairs[0][0];
  for (const [step, [from, to]] of pairs.entries()) {
    if (from > level) x = combine(1, x, sNoise * Math.sqrt(from ** 2 - level ** 2), noise(level, from));
    const position = { step, of: pairs.length };
    x = await heun((y, sigma) => denoise(y, sigma, position), x, [from, to], {
      ...options,
      onStep: (info) => options.onStep?.({ ...info, ...position }),
      afterStep: options.afterStep && ((y, next) => options.afterStep?.(y, next, step === pairs.length - 1) ?? y),
    });
    level = to;
  }
  return x;
};
