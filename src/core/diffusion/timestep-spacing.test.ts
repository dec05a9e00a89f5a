import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lcmSigmas, lcmTimestepAt, lcmTimesteps } from './lcm-levels';
import { trainedSigmas } from './noise-schedules';
import { simpleSigmas } from './step-schedules/table-levels';
import {
  a1111Timesteps,
  compvisTimesteps,
  ddimTargets,
  type Spacing,
  solverTimesteps,
  spacedTimesteps,
} from './timestep-spacing';
import { nearestTimestep, sigmaAt, timestepAt } from './timesteps';

const SPACINGS: Spacing[] = ['leading', 'trailing', 'linspace'];
const SD = { beta_schedule: 'scaled_linear', beta_start: 0.00085, beta_end: 0.012, num_train_timesteps: 1000 };

// Exact halves and whole numbers that numpy 2.4 misses by rounding noise: T, n, index, its entry, what exact arithmetic
// gives.
describe('rounding noise of the references', () => {
  it.each([
    [48, 3, 936, 937],
    [96, 18, 812, 811],
    [112, 35, 686, 687],
  ])('trailing, n = %i', (n, i, reference, exact) => {
    const entry = spacedTimesteps('trailing', n, 1000, 0)[i];
    expect(entry).toBe(reference);
    expect(entry).not.toBe(exact);
  });
  it.each([
    [27, 13, 499],
    [61, 30, 499],
    [103, 17, 833],
  ])('linspace, n = %i', (n, i, reference) => {
    expect(spacedTimesteps('linspace', n, 1000, 0)[i]).toBe(reference);
    expect(solverTimesteps('linspace', n - 1, 1000, 0)[i]).toBe(reference);
  });
  it.each([
    [16, 3, 31],
    [26, 10, 127],
    [31, 3, 7],
  ])('CompVis quad, n = %i', (n, i, reference) => {
    expect(compvisTimesteps('quad', n, 1000).toReversed()[i]).toBe(reference + 1);
  });
  it.each([
    [38, 19, 499],
    [122, 61, 499],
  ])('simple, n = %i', (n, i, reference) => {
    const numbered = Float64Array.from({ length: 1000 }, (_, t) => t);
    expect(simpleSigmas(n, { sigmas: numbered, alphasCumprod: numbered })[i]).toBe(999 - reference);
  });
});

describe('timesteps of any number of steps', () => {
  const trained = fc.integer({ min: 100, max: 1200 });
  const steps = fc.integer({ min: 2, max: 99 });
  const descends = (list: readonly number[]) => list.every((t, i) => i === 0 || t < list[i - 1]);
  const within = (list: readonly number[], most: number) =>
    list.every((t) => Number.isInteger(t) && t >= 0 && t < most);

  it('are n different whole ones of the model', () => {
    fc.assert(
      fc.property(trained, steps, fc.constantFrom(...SPACINGS), (most, n, spacing) => {
        for (const list of [spacedTimesteps(spacing, n, most, 0), solverTimesteps(spacing, n, most, 0)])
          expect(list.length === n && descends(list) && within(list, most)).toBe(true);
      }),
    );
  });
  it('A1111 keeps CompVis’ within the model', () => {
    expect(compvisTimesteps('uniform', 3, 1000)).toEqual([1000, 667, 334, 1]);
    expect(a1111Timesteps(3, 1000)).toEqual([999, 667, 334, 1]);
  });
  it('DDIM’s leading list steps from each entry to the next', () => {
    const list = spacedTimesteps('leading', 20, 1000, 1);
    expect(ddimTargets(list, 20, 1000).slice(0, -1)).toEqual(list.slice(1));
  });
});

describe('LCM', () => {
  const table = trainedSigmas(SD);
  it('keeps to the distilled timesteps', () => {
    for (let n = 1; n <= 50; n++) {
      const list = lcmTimesteps(n, 1000);
      expect(new Set(list).size).toBe(n);
      expect(list.every((t) => t % 20 === 19)).toBe(true);
    }
    expect(lcmTimesteps(50, 1000).at(-1)).toBe(19);
  });
  it('gives the model the nearest of them', () => {
    for (const t of [19, 20, 28, 300, 512, 990, 999]) {
      const nearest = lcmTimestepAt(table, table.sigmas[t]);
      expect(nearest % 20).toBe(19);
      expect(Math.abs(nearest - t)).toBeLessThanOrEqual(11); // in log sigma, a little off the middle
    }
    expect(lcmTimestepAt(table, 1e-6)).toBe(19);
    expect(lcmTimestepAt(table, 4096)).toBe(999);
  });
  it('takes another number of distilled timesteps', () => {
    const sigmas = lcmSigmas(4, table, 4);
    expect(sigmas.slice(0, -1).map((sigma) => lcmTimestepAt(table, sigma, 4))).toEqual([999, 749, 499, 249]);
    expect(lcmTimesteps(2, 1000, 4)).toEqual([999, 499]);
  });
});

describe('sigma and timestep', () => {
  const table = trainedSigmas(SD);
  it('are each other’s inverse between whole timesteps', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 999, noNaN: true }), (t) => {
        expect(timestepAt(table, sigmaAt(table, t))).toBeCloseTo(t, 8);
      }),
    );
  });
  it('rounds to the nearest in log sigma', () => {
    expect(nearestTimestep(table, sigmaAt(table, 500.4))).toBe(500);
    expect(nearestTimestep(table, sigmaAt(table, 500.6))).toBe(501);
    expect(nearestTimestep(table, 0.001)).toBe(0);
    expect(nearestTimestep(table, 100)).toBe(999);
  });
});
