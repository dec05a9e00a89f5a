import { combine } from '../../array';
import { karrasSigmas } from '../step-schedules/noise-levels';
import type { Sampler, SamplerOptions } from '../types';
import { heun } from './euler';

type Restart = NonNullable<SamplerOptions['restarts']>[number];

function nearest(sigmas: readonly number[], value: number): number {
  const distances = sigmas.map((sigma) => Math.abs(sigma - value));
  return distances.indexOf(Math.min(...distances));
}

/** The authors' choice for a number of steps: nothing below 20; else a part of the steps goes to repeating 0.1 .. 2. */
function usualRestarts(sigmas: readonly number[]): { sigmas: readonly number[]; restarts: readonly Restart[] } {
  const steps = sigmas.length - 1;
  if (steps < 20) return { sigmas, restarts: [] };
  const [again, times] = steps >= 36 ? [Math.floor(steps / 4), 2] : [9, 1];
  return {
    sigmas: karrasSigmas(steps - again * times, sigmas[steps - 1], sigmas[0]),
    restarts: [[0.1, again + 1, times, 2]],
  };
}

/**
 * Restart sampling (Xu et al. 2023, algorithm 1): Heun's method, going back up through noise at chosen levels and down again.
 * The list of noise levels is rebuilt (Karras, between its first and last) unless `restarts` are given.
 */
export const restart: Sampler = async (denoise, x, given, options) => {
  const { noise, sNoise = 1 } = options;
  const { sigmas, restarts } = options.restarts ? { sigmas: given, restarts: options.restarts } : usualRestarts(given);
  const at = new Map(restarts.map((r) => [nearest(sigmas, r[0]), r]));
  const pairs: [number, number][] = [];
  for (let i = 0; i < sigmas.length - 1; i++) {
    pairs.push([sigmas[i], sigmas[i + 1]]);
    const [, steps, times, upTo] = at.get(i + 1) ?? [0, 0, 0, 0];
    const top = nearest(sigmas, upTo);
    if (times === 0 || top >= i + 1) continue;
    const again = karrasSigmas(steps, sigmas[i + 1], sigmas[top]).slice(0, -1);
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
