import { expect, it } from 'vitest';
import { trainedSigmas } from '../noise-schedules';
import { withClipping } from './clipping';
import { discrete } from './discrete';

it('clipping keeps x0 in range and eps as the network said it', () => {
  const table = trainedSigmas({ beta_schedule: 'linear', beta_start: 1e-4, beta_end: 0.02, num_train_timesteps: 1000 });
  const process = discrete(table, 'epsilon');
  const said = Float64Array.of(-2, 0.5, 3, 0.1);
  const [x, sigma] = [Float64Array.of(0.5, 0.1, -0.4, 9), 1.5];
  const free = process.denoised(x, sigma, said).x0;
  const { x0, eps = [] } = withClipping(process).denoised(x, sigma, said);
  expect([...free].some((value) => Math.abs(value) > 1)).toBe(true);
  expect([...x0]).toEqual([...free].map((value) => Math.min(1, Math.max(-1, value))));
  for (const [i, value] of said.entries()) expect(eps[i]).toBeCloseTo(value, 14);
  expect([...withClipping(process, 0.2).denoised(x, sigma, said).x0].every((value) => Math.abs(value) <= 0.2)).toBe(
    true,
  );
});
