import { describe, expect, it } from 'vitest';
import { planSteps } from '../plan-steps';
import { samplerEntry } from '../samplers/index';
import { consistency } from './consistency';
import { edm } from './edm';

describe('a consistency model', () => {
  const process = consistency();
  const x = Float64Array.of(3, -1, 0.2);
  const said = Float64Array.of(0.4, 0.1, -2);

  it('is x itself at the lowest level, and EDM’s preconditioning far above it', () => {
    expect([...process.denoised(x, 0.002, said).x0]).toEqual([...x]);
    const far = edm().denoised(x, 40, said).x0;
    for (const [i, value] of process.denoised(x, 40, said).x0.entries()) expect(value).toBeCloseTo(far[i], 3);
    expect(process.timestepAt(Math.E)).toBeCloseTo(250, 12); // diffusers: 1000 ln(sigma) / 4
    expect(process.sigmaAt(process.timeAt(7)) / 7).toBeCloseTo(1, 12);
  });

  it('goes through Karras’ levels at even distances, and ends at the lowest', () => {
    const plan = (steps: number) =>
      planSteps({ sampler: 'consistency', schedule: 'automatic', steps, levels: process, config: { num_train_timesteps: 40 } }); // biome-ignore format: one call
    // diffusers' CMStochasticIterativeScheduler with 40 levels: of two steps the second is the 20th.
    const root = (u: number) => (80 ** (1 / 7) + u * (0.002 ** (1 / 7) - 80 ** (1 / 7))) ** 7;
    expect(plan(1).sigmas).toEqual([80, 0.002]);
    for (const [i, sigma] of [80, root(20 / 39), 0.002].entries()) expect(plan(2).sigmas[i] / sigma).toBeCloseTo(1, 12);
    expect(() => planSteps({ sampler: 'consistency', schedule: 'automatic', steps: 0, levels: process, config: {} })).toThrow(); // biome-ignore format: one call
  });

  it('is noised between its steps, and never after the last', async () => {
    const { sample } = samplerEntry('consistency');
    const drawn: (number | undefined)[] = [];
    const noise = (_: number | undefined, next: number | undefined) => {
      drawn.push(next);
      return Float64Array.of(1, 1, 1);
    };
    const x0 = Float64Array.of(0.5, 0, -0.5);
    const seen: number[] = [];
    const denoise = async (y: ArrayLike<number>) => {
      seen.push(y[1]);
      return { x0 };
    };
    expect(await sample(denoise, x, [80, 2, 0.002], { noise })).toEqual(x0);
    expect(drawn).toEqual([2]);
    expect(seen[1]).toBeCloseTo(Math.sqrt(2 ** 2 - 0.002 ** 2), 12);
  });
});
