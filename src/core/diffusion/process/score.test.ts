import { expect, it } from 'vitest';
import { scoreFrom } from '../denoisers';
import { startingNoise } from '../latent-format';
import { varianceExploding } from '../noise-level';
import { planSteps } from '../plan-steps';
import { score } from './score';

it('a score model says of x0 what Tweedie’s formula says, and starts from its highest level', () => {
  const process = score({ sigmaMin: 0.01, sigmaMax: 1348 });
  const [x, x0, sigma] = [Float64Array.of(4, -3), Float64Array.of(0.25, 1), 7];
  const said = scoreFrom(x, varianceExploding(sigma), x0);
  for (const [i, value] of process.denoised(x, sigma, said).x0.entries()) expect(value).toBeCloseTo(x0[i], 12);
  expect(process.timestepAt(sigma)).toBe(sigma);
  expect([...process.input(x, sigma)]).toEqual([...x]);
  const plan = planSteps({ sampler: 'predictor_corrector', schedule: 'exponential', steps: 3, levels: process, config: {} }); // biome-ignore format: one call
  expect(startingNoise(Float64Array.of(1), plan, 'variance-exploding', process)[0]).toBeCloseTo(1348, 9);
  expect(plan.sigmas[1] / Math.sqrt(0.01 * 1348)).toBeCloseTo(1, 12);
});
