import { describe, expect, it } from 'vitest';
import { continuousPlan, logAlphaAt } from './continuous-time';
// The time grids of A1111's UniPC, computed in float64 by itself.
import goldens from './goldens/c_sampler_unipc.json';
import { type NoiseScheduleConfig, trainedSigmas } from './noise-schedules';

interface Case {
  id: string;
  impl: string;
  beta: NoiseScheduleConfig;
  n: number;
  config: { skip_type?: string };
  t_continuous: number[];
  log_alpha: number[];
}

const cases = (goldens.cases as unknown as Case[]).filter(
  ({ impl, config }) => impl === 'a1111' && config.skip_type === 'time_uniform',
);

function expectClose(actual: readonly number[], expected: readonly number[]) {
  expect(actual).toHaveLength(expected.length);
  for (const [i, value] of expected.entries()) expect(Math.abs(actual[i] - value), `entry ${i}`).toBeLessThan(1e-12);
}

describe('A1111’s UniPC', () => {
  it.each(cases.map((c) => [c.id, c] as const))('%s', (_, { beta, n, t_continuous, log_alpha }) => {
    const table = trainedSigmas(beta);
    expectClose(
      t_continuous.map((time) => logAlphaAt(table, time)),
      log_alpha,
    );
    const { sigmas, timesteps } = continuousPlan(n, table);
    expectClose(
      sigmas.map((sigma) => -Math.log1p(sigma ** 2) / 2),
      log_alpha,
    );
    expectClose(
      (timesteps ?? []).map((t) => (t + 1) / 1000),
      t_continuous.slice(0, -1),
    );
  });
});

describe('continuous time', () => {
  const table = trainedSigmas(cases[0].beta);
  it('meets the table at whole timesteps', () => {
    for (const t of [0, 1, 17, 500, 998, 999]) {
      expect(Math.exp(2 * logAlphaAt(table, (t + 1) / 1000))).toBeCloseTo(table.alphasCumprod[t], 12);
    }
  });
  it('keeps to the model’s own noise levels', () => {
    expect(logAlphaAt(table, 0)).toBe(logAlphaAt(table, 1 / 1000));
  });
});
