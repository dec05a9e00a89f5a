import { describe, expect, it } from 'vitest';
import { trainedSigmas } from '../noise-schedules';
import { type Thresholding, thresholdingOf, withClipping, withThresholding } from './clipping';
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

describe('thresholding', () => {
  const process = discrete(trainedSigmas({ beta_schedule: 'linear', beta_start: 1e-4, beta_end: 0.02, num_train_timesteps: 1000 }), 'sample'); // biome-ignore format: one call
  const said = Float64Array.from({ length: 101 }, (_, i) => (i - 50) / 10); // |x0| of 0 to 5, each but 0 twice
  const of = (how: Thresholding) => [...withThresholding(process, how).denoised(new Float64Array(101), 1, said).x0];

  it('is dynamic as Imagen has it: within the quantile of |x0|, over it', () => {
    // torch.quantile of the 101 magnitudes at 0.9: the 90th in order, 4.5.
    const x0 = of({ kind: 'dynamic', ratio: 0.9, max: Number.POSITIVE_INFINITY });
    expect([x0[0], x0[100], x0[50], x0[60]]).toEqual([-1, 1, 0, 1 / 4.5]);
  });

  it('is static where the quantile is below 1, or kept there by the scheduler', () => {
    const clipped = of({ kind: 'static', limit: 1 });
    expect(of({ kind: 'dynamic', ratio: 0.1, max: 9 })).toEqual(clipped);
    expect(of({ kind: 'dynamic', ratio: 0.9, max: 1 })).toEqual(clipped);
    expect(of({ kind: 'none' })).toEqual([...said]);
  });

  it('is what a scheduler says', () => {
    expect(thresholdingOf({})).toEqual({ kind: 'none' });
    expect(thresholdingOf({ clip_sample: true, clip_sample_range: 2 })).toEqual({ kind: 'static', limit: 2 });
    expect(thresholdingOf({ clip_sample: true, thresholding: true })).toEqual({
      kind: 'dynamic',
      ratio: 0.995,
      max: 1,
    });
  });
});
