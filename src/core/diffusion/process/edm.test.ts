import { describe, expect, it } from 'vitest';
import { seededNormal } from '../../random';
import { startingNoise } from '../latent-format';
import { planSteps } from '../plan-steps';
import { edm, edmScalings } from './edm';

// The preconditioning's own numbers are checked against their references in src/cli/goldens/goldens.test.ts.

describe('EDM', () => {
  const process = edm();

  it('knows 0.002 to 80, and is told ln(sigma) / 4', () => {
    expect([process.sigmaMin, process.sigmaMax]).toEqual([0.002, 80]); // Karras et al. 2022, table 1
    expect(process.timestepAt(Math.E)).toBeCloseTo(0.25, 14);
    for (const sigma of [0.002, 1, 80]) expect(process.sigmaAt(process.timeAt(sigma)) / sigma).toBeCloseTo(1, 12);
  });

  it('even steps are those of the exponential schedule', () => {
    const list = (schedule: 'uniform' | 'exponential') =>
      planSteps({ sampler: 'euler', schedule, steps: 9, levels: process, config: {} }).sigmas;
    const exponential = list('exponential');
    for (const [i, sigma] of list('uniform').entries()) expect(sigma).toBeCloseTo(exponential[i], 11);
  });

  it('starts from noise of deviation 80, whatever the sampler, and feeds it at deviation 1', () => {
    const noise = Float64Array.from(seededNormal(1)(4));
    const plan = planSteps({ sampler: 'dpmpp_2m', schedule: 'karras', steps: 4, levels: process, config: {} });
    const start = startingNoise(noise, plan, 'variance-preserving', process);
    for (const [i, value] of noise.entries()) expect(start[i] / value).toBeCloseTo(80, 11);
    expect(process.input(start, 80)[0]).toBeCloseTo(start[0] * edmScalings(80, 0.5).in, 14);
  });
});
