import { describe, expect, it } from 'vitest';
import type { Latent } from '../types';
import { dormandPrince } from './dormand-prince';

/** The circle dx/dt = -y, dy/dt = x, once around, as x - D(x): where it ends, and how often it asked. */
async function aroundTheCircle(relative: number): Promise<{ error: number; calls: number }> {
  let calls = 0;
  const predict = async ([x, y]: Latent) => {
    calls++;
    return Float64Array.of(x + y, y - x);
  };
  const tolerance = { relative, absolute: relative };
  const [x, y] = await dormandPrince(predict, Float64Array.of(1, 0), [0, 2 * Math.PI], tolerance);
  return { error: Math.hypot(x - 1, y), calls };
}

describe('Dormand-Prince', () => {
  it('comes back to where a circle began, to its tolerance', async () => {
    for (const relative of [1e-4, 1e-7, 1e-10])
      expect((await aroundTheCircle(relative)).error).toBeLessThan(30 * relative);
  });

  it('is of order 5: a thousandth of the error takes 1000^(1/5), about four, times the calls', async () => {
    const [rough, fine] = [await aroundTheCircle(1e-7), await aroundTheCircle(1e-10)];
    expect(fine.calls / rough.calls).toBeGreaterThan(3);
    expect(fine.calls / rough.calls).toBeLessThan(5);
  });

  it('goes back in time, reuses a step’s last stage, and leaves its input as it was', async () => {
    const start = Float64Array.of(2);
    const times: number[] = [];
    // dx/dt = x cos t: x = 2 exp(sin t).
    const predict = async ([x]: Latent, t: number) => {
      times.push(t);
      return Float64Array.of(x - x * Math.cos(t));
    };
    const steps: number[] = [];
    const [x] = await dormandPrince(predict, start, [0, -3], { relative: 1e-8, absolute: 1e-8 }, ({ t }) => {
      steps.push(t);
    });
    expect(x).toBeCloseTo(2 * Math.exp(Math.sin(-3)), 6);
    expect(start).toEqual(Float64Array.of(2));
    expect(times).toHaveLength(1 + 6 * steps.length);
  });
});
