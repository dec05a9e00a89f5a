import { describe, expect, it } from 'vitest';
import { outputFor, type Prediction } from '../denoisers';
import { abarOf, varianceExploding, variancePreserving } from '../noise-level';
import { trainedSigmas } from '../noise-schedules';
import { discrete } from './discrete';

const SD = { beta_schedule: 'scaled_linear', beta_start: 0.00085, beta_end: 0.012, num_train_timesteps: 1000 };
const TABLE = trainedSigmas(SD);

describe('a model trained on a table', () => {
  const x0 = Float64Array.of(0.3, -1.2, 2);
  const eps = Float64Array.of(-0.7, 0.1, 1.4);

  it.each(['epsilon', 'v_prediction', 'sample'] as Prediction[])(
    'that predicts %s: its output says x0',
    (prediction) => {
      const process = discrete(TABLE, prediction);
      for (const sigma of [0.03, 1, 14]) {
        const x = x0.map((value, i) => value + sigma * eps[i]);
        const level = variancePreserving(abarOf(varianceExploding(sigma)));
        const fed = process.input(x, sigma);
        const output = outputFor(prediction, fed, level, x0);
        for (const [i, value] of process.denoised(x, sigma, output).x0.entries()) expect(value).toBeCloseTo(x0[i], 12);
        // What it is fed stands at the level that it names.
        for (const [i, value] of fed.entries()) {
          const { signal, noise } = process.level(sigma);
          expect(value).toBeCloseTo(signal * x0[i] + noise * eps[i], 12);
        }
      }
    },
  );

  it('has the timesteps of its table, fractional ones between, and none beyond', () => {
    const { sigmas } = TABLE;
    const process = discrete(TABLE, 'epsilon');
    expect([process.sigmaMin, process.sigmaMax]).toEqual([sigmas[0], sigmas[999]]);
    for (const t of [0, 1, 500, 999]) expect(process.timestepAt(sigmas[t])).toBeCloseTo(t, 9);
    expect(process.timestepAt(Math.sqrt(sigmas[500] * sigmas[501]))).toBeCloseTo(500.5, 9);
    expect(process.sigmaAt(process.timeAt(3.3))).toBeCloseTo(3.3, 12);
    expect([process.timestepAt(1e-9), process.timestepAt(1e9)]).toEqual([0, 999]);
  });

  it('without a terminal signal has a finite last level, which DDIM wants nearer to none', () => {
    const last = (terminal: 'diffusers' | 'almostExact') =>
      discrete(trainedSigmas({ ...SD, rescale_betas_zero_snr: true }, terminal), 'v_prediction').sigmaMax;
    expect(last('diffusers')).toBeCloseTo(4096, 3); // sqrt(2^24 - 1)
    expect(last('almostExact')).toBeCloseTo(1e10, 0);
  });
});
