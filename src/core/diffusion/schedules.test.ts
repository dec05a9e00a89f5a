import { describe, expect, it } from 'vitest';
// Sigma lists and spacings, computed by the references (each file's `provenance`).
import stepGoldens from './goldens/b_step_schedules.json';
import spacingGoldens from './goldens/b_timestep_spacing.json';
import { type NoiseScheduleConfig, trainedSigmas } from './noise-schedules';
import { karrasSigmas, planSteps, type Spacing, spacedTimesteps, uniformSigmas } from './step-schedules';
import { timestepAt } from './timesteps';

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

describe('step schedules', () => {
  interface Case {
    id: string;
    schedule: string;
    n: number;
    params: { discrete?: NoiseScheduleConfig; sigma_min: number; sigma_max: number; rho?: number };
    sigmas: number[];
    timesteps?: number[];
  }
  // "Discard penultimate sigma" comes with the samplers that use it.
  const cases = (stepGoldens.cases as unknown as Case[]).filter(({ id }) => !id.includes('discard-penultimate'));
  it.each(cases.filter((c) => c.schedule === 'normal').map((c) => [c.id, c] as const))(
    '%s',
    (_, { n, params, sigmas }) => {
      closeTo(uniformSigmas(n, trainedSigmas(params.discrete as NoiseScheduleConfig)), sigmas);
    },
  );
  it.each(cases.filter((c) => c.schedule === 'karras').map((c) => [c.id, c] as const))(
    '%s',
    (_, { n, params, sigmas }) => {
      closeTo(karrasSigmas(n, params.sigma_min, params.sigma_max, params.rho), sigmas);
    },
  );
  it('interpolates timesteps as k-diffusion does', () => {
    const golden =
      cases.find(({ id }) => id === 'karras/sd-rho7/n10') ?? cases.find((c) => c.schedule === 'karras' && c.n > 5);
    const { sigmas, timesteps } = golden as Case;
    const table = trainedSigmas(SD);
    closeTo(
      sigmas.slice(0, -1).map((sigma) => timestepAt(table, sigma)),
      timesteps as number[],
      1e-9,
    );
  });
  it('"automatic" is Karras for DPM++ 2M, uniform for Euler, the model’s spacing for DDIM', () => {
    const table = trainedSigmas(SD);
    const plan = (sampler: 'dpmpp_2m' | 'euler' | 'ddim', schedule: 'automatic' | 'karras' | 'uniform' | 'trailing') =>
      planSteps({ sampler, schedule, steps: 8, table, config: { timestep_spacing: 'trailing' } });
    expect(plan('dpmpp_2m', 'automatic')).toEqual(plan('dpmpp_2m', 'karras'));
    expect(plan('euler', 'automatic')).toEqual(plan('euler', 'uniform'));
    expect(plan('ddim', 'automatic')).toEqual(plan('ddim', 'trailing'));
  });
  it('refuses more steps than the model was trained on', () => {
    const table = trainedSigmas({ ...SD, num_train_timesteps: 10 });
    expect(() => planSteps({ sampler: 'ddim', schedule: 'trailing', steps: 11, table, config: {} })).toThrow(
      /at most 10/,
    );
  });
});

describe('timestep spacings of diffusers', () => {
  interface Case {
    id: string;
    scheduler: string;
    n: number;
    timestep_spacing: Spacing;
    steps_offset: number;
    timesteps: number[];
  }
  const cases = spacingGoldens.cases as unknown as Case[];
  it.each(cases.filter((c) => c.scheduler === 'DDIM').map((c) => [c.id, c] as const))('%s', (_, c) => {
    expect(spacedTimesteps(c.timestep_spacing, c.n, 1000, c.steps_offset)).toEqual(c.timesteps);
  });
  it.each(cases.filter((c) => c.scheduler === 'EulerDiscrete').map((c) => [c.id, c] as const))('%s', (_, c) => {
    const times = spacedTimesteps(c.timestep_spacing, c.n, 1000, c.steps_offset, false);
    for (const [i, t] of c.timesteps.entries()) expect(times[i]).toBeCloseTo(t, 9);
  });
});
