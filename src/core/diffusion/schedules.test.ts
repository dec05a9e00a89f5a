import { describe, expect, it } from 'vitest';
import { cleanLatent, networkInput } from './denoisers';
// Whole schedules, conversions and guidance, computed by the references (each file's `provenance`).
import noiseGoldens from './goldens/a_noise_schedules.json';
import conversionGoldens from './goldens/d_conversions.json';
import guidanceGoldens from './goldens/e_guidance.json';
import { guided } from './guidance';
import { type NoiseScheduleConfig, trainedSigmas } from './noise-schedules';

function closeTo(actual: ArrayLike<number>, expected: readonly number[], tolerance = 1e-10) {
  expect(actual.length).toBe(expected.length);
  const size = Math.max(...expected.map(Math.abs));
  for (const [i, value] of expected.entries())
    expect(Math.abs(actual[i] - value) / size, `entry ${i}`).toBeLessThan(tolerance);
}

const SD: NoiseScheduleConfig = {
  beta_schedule: 'scaled_linear',
  beta_start: 0.00085,
  beta_end: 0.012,
  num_train_timesteps: 1000,
};

describe('noise schedules', () => {
  interface Case {
    id: string;
    T: number;
    params: { kind: string; beta_start?: number; beta_end?: number; rescale_zero_terminal_snr?: boolean };
    indices: number[];
    alphas_cumprod: number[];
    sum_alphas_cumprod: number;
  }
  const kinds: Readonly<Record<string, string>> = {
    linear: 'linear',
    scaled_linear: 'scaled_linear',
    squaredcos_cap_v2: 'squaredcos_cap_v2',
    geodiff_sigmoid: 'sigmoid',
  };
  const cases = (noiseGoldens.cases as unknown as Case[]).filter(
    (c) =>
      c.params.kind in kinds &&
      !('rescale' in c.params) &&
      !c.params.rescale_zero_terminal_snr &&
      typeof c.params.beta_start !== 'string',
  );
  it.each(cases.map((c) => [c.id, c] as const))(
    '%s',
    (_, { params, T, indices, alphas_cumprod, sum_alphas_cumprod }) => {
      const { alphasCumprod } = trainedSigmas({
        beta_schedule: kinds[params.kind],
        beta_start: params.beta_start ?? 0,
        beta_end: params.beta_end ?? 0,
        num_train_timesteps: T,
      });
      closeTo(
        indices.map((i) => alphasCumprod[i]),
        alphas_cumprod,
      );
      expect(alphasCumprod.reduce((sum, value) => sum + value, 0)).toBeCloseTo(sum_alphas_cumprod, 8);
    },
  );

  it('zero terminal SNR ends at 2^-24 and leaves the start alone, as diffusers’ Euler scheduler', () => {
    const golden = (noiseGoldens.cases as unknown as Case[]).find(
      ({ id }) => id === 'ztsnr-diffusers-euler-unipc/T1000',
    ) as Case;
    const { alphasCumprod } = trainedSigmas({ ...SD, rescale_betas_zero_snr: true });
    closeTo(
      golden.indices.map((i) => alphasCumprod[i]),
      golden.alphas_cumprod,
    );
    expect(alphasCumprod[999]).toBe(2 ** -24);
  });

  it('takes trained betas as they are and refuses a schedule it does not know', () => {
    const { alphasCumprod } = trainedSigmas({ ...SD, trained_betas: [0.1, 0.2] });
    closeTo(alphasCumprod, [0.9, 0.72]);
    expect(() => trainedSigmas({ ...SD, beta_schedule: 'magic' })).toThrow(/beta_schedule "magic"/);
  });
});

describe('conversions', () => {
  interface Case {
    id: string;
    fn: string;
    sigma: number;
    x: number[];
    model_input: number[];
    model_output: number[];
    denoised: number[];
  }
  const cases = (conversionGoldens.cases as unknown as Case[]).filter(
    ({ fn }) => fn === 'kd_discrete_eps' || fn === 'kd_discrete_v',
  );
  it.each(cases.map((c) => [c.id, c] as const))('%s', (_, c) => {
    const x = Float64Array.from(c.x);
    closeTo(networkInput(x, c.sigma), c.model_input);
    const prediction = c.fn === 'kd_discrete_eps' ? 'epsilon' : 'v_prediction';
    closeTo(cleanLatent(prediction, x, c.sigma, Float64Array.from(c.model_output)), c.denoised);
  });
});

describe('guidance', () => {
  interface Case {
    id: string;
    fn: string;
    scale: number;
    outputs: Record<string, { uncond: number[]; cond: number[]; cfg: number[] }>;
  }
  const cases = (guidanceGoldens.cases as unknown as Case[]).filter(({ fn }) => fn === 'cfg');
  it.each(cases.map((c) => [c.id, c] as const))('%s', (_, { scale, outputs }) => {
    for (const { cond, uncond, cfg } of Object.values(outputs)) {
      closeTo(guided(Float64Array.from(cond), Float64Array.from(uncond), scale), cfg);
    }
  });
});
