import { expect, it } from 'vitest';
import { planTimesteps } from './plan-timesteps';

const PLAN = { sigmas: [10, 4, 1, 0], timesteps: [900, 500, 100] };
const at = planTimesteps(PLAN, (sigma) => -sigma);

it('a step’s first call is told the timestep of the step, a look at its end that of the next', () => {
  expect([at(10, 0), at(4, 1), at(1, 2)]).toEqual([900, 500, 100]);
  expect([at(4, 0), at(1, 1)]).toEqual([500, 100]);
});

it('a level that was rounded on its way is still the step’s', () => {
  expect(at(4 + 1e-7, 1)).toBe(500);
  expect(at(4 - 1e-7, 1)).toBe(500);
});

it('a level between, or raised by churn, or of no step near is told by itself', () => {
  expect([at(6, 0), at(4.001, 1), at(10, 2), at(0, 2)]).toEqual([-6, -4.001, -10, -0]);
  expect(planTimesteps({ sigmas: [10, 0] }, (sigma) => sigma)(10, 0)).toBe(10);
});
