import type { StepPlan } from './types';

/**
 * How far apart, as a share, two noise levels are one level that was rounded on its way. Neighbouring levels lie
 * further apart.
 */
const ROUNDING = 1e-6;

const isSame = (a: number, b: number) => Math.abs(a - b) <= ROUNDING * b;

/**
 * The timestep that the network is conditioned on at each model call of a run: what the plan names for the step, or,
 * where a step looks at its end, for the next one. Calls at levels between, and those of plans that name no timesteps,
 * get what `timestepAt` gives for their level.
 */
export function planTimesteps(
  { sigmas, timesteps }: StepPlan,
  timestepAt: (sigma: number) => number,
): (sigma: number, step: number) => number {
  return (sigma, step) => {
    const place = [step, step + 1].find((i) => i < sigmas.length && isSame(sigma, sigmas[i]));
    return (place === undefined ? undefined : timesteps?.[place]) ?? timestepAt(sigma);
  };
}
