import { describe, expect, it } from 'vitest';
import {
  betasFrom,
  cosineBetas,
  cumulativeAlphas,
  linearBetas,
  logSnr,
  type NoiseScheduleConfig,
  scaledByStepsBetas,
  scaledLinearBetas,
  sigmaTable,
  sigmoidBetas,
  TERMINAL_ALPHA_CUMPROD,
  type TerminalSnr,
  trainedSigmas,
} from './noise-schedules';

// The schedules' own numbers are checked against their references in src/cli/goldens/goldens.test.ts.

const SD: NoiseScheduleConfig = {
  beta_schedule: 'scaled_linear',
  beta_start: 0.00085,
  beta_end: 0.012,
  num_train_timesteps: 1000,
};

const apart = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i])));

describe('betas', () => {
  it.each([
    ['linear', linearBetas(1e-4, 0.02, 1000)],
    ['scaled linear', scaledLinearBetas(0.00085, 0.012, 1000)],
    ['cosine', cosineBetas(1000)],
    ['sigmoid', sigmoidBetas(1000, 0, 3, 0.9)],
    ['scaled by steps', scaledByStepsBetas(250)],
  ])('%s: within 0..1 and rising', (_, betas) => {
    for (const [t, beta] of betas.entries()) {
      expect(beta).toBeGreaterThan(t === 0 ? 0 : betas[t - 1] - 1e-15);
      expect(beta).toBeLessThan(1);
    }
  });

  it('of abar give it back; of a subset of steps they lead to the same abar', () => {
    const betas = cosineBetas(100);
    const abars = cumulativeAlphas(betas);
    expect(apart(betasFrom(abars), betas)).toBeLessThan(1e-14);
    const steps = [0, 7, 50, 99];
    expect(
      apart(
        cumulativeAlphas(betasFrom(abars, steps)),
        steps.map((t) => abars[t]),
      ),
    ).toBeLessThan(1e-15);
  });

  it('log-SNR is -2 ln sigma, falls, and is 0 where signal and noise are equal', () => {
    const abars = cumulativeAlphas(linearBetas(1e-4, 0.02, 1000));
    const curve = logSnr(abars);
    const { sigmas } = sigmaTable(abars);
    for (const [t, value] of curve.entries()) expect(value).toBeCloseTo(-2 * Math.log(sigmas[t]), 9);
    expect(curve.every((value, t) => t === 0 || value < curve[t - 1])).toBe(true);
    expect(logSnr([0.5])[0]).toBe(0);
  });

  it('sigmoid: abar is the sigmoid between its ends, until the cap', () => {
    const [steps, start, end, tau] = [50, -3, 3, 0.8];
    const sigmoid = (x: number) => 1 / (1 + Math.exp(-x / tau));
    const abars = cumulativeAlphas(sigmoidBetas(steps, start, end, tau));
    const expected = Array.from(
      { length: steps - 1 },
      (_, t) => (sigmoid(end) - sigmoid(start + ((t + 1) / steps) * (end - start))) / (sigmoid(end) - sigmoid(start)),
    );
    expect(apart(abars.slice(0, -1), expected)).toBeLessThan(1e-14);
  });
});

describe('trained sigmas', () => {
  it.each(Object.keys(TERMINAL_ALPHA_CUMPROD) as TerminalSnr[])(
    'zero terminal SNR, "%s": the start stays, the end is its number',
    (terminal) => {
      const { alphasCumprod } = trainedSigmas({ ...SD, rescale_betas_zero_snr: true }, terminal);
      expect(alphasCumprod[0]).toBeCloseTo(1 - SD.beta_start, 14);
      expect(alphasCumprod[999]).toBe(TERMINAL_ALPHA_CUMPROD[terminal]);
    },
  );

  it('are finite and never fall unless asked for exact zero SNR, even where abar ends below the number that replaces 0', () => {
    const config = { ...SD, beta_schedule: 'linear', beta_start: 1e-4, beta_end: 0.02, rescale_betas_zero_snr: true };
    const { sigmas, alphasCumprod } = trainedSigmas(config);
    expect(alphasCumprod[998]).toBe(2 ** -24); // 4e-9 by the rescaling
    for (let t = 1; t < 1000; t++) expect(sigmas[t]).toBeGreaterThanOrEqual(sigmas[t - 1]);
    expect(sigmas[999]).toBeLessThan(Number.POSITIVE_INFINITY);
    expect(trainedSigmas(config, 'exact').sigmas[999]).toBe(Number.POSITIVE_INFINITY);
  });

  it('takes trained betas as they are and refuses a schedule it does not know', () => {
    const { alphasCumprod } = trainedSigmas({ ...SD, trained_betas: [0.1, 0.2] });
    expect(apart(alphasCumprod, [0.9, 0.72])).toBeLessThan(1e-15);
    expect(() => trainedSigmas({ ...SD, beta_schedule: 'magic' })).toThrow(/beta_schedule "magic"/);
  });
});
