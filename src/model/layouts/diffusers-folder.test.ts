import { expect, it } from 'vitest';
import { trainedSigmas } from '../../core/diffusion/noise-schedules';
import { planSteps } from '../../core/diffusion/plan-steps';
import { tableLevels } from '../../core/diffusion/process/discrete';
import { memoryFiles } from '../weights/memory-files';
import { openScheduler } from './diffusers-folder';

const schedulerOf = (config: object) =>
  openScheduler(memoryFiles('folder', { 'scheduler/scheduler_config.json': JSON.stringify(config) }));

it('reads on how many timesteps an LCM was distilled, and plans by it', async () => {
  const scheduler = await schedulerOf({ original_inference_steps: 100, timestep_spacing: 'leading' });
  const levels = tableLevels(trainedSigmas(scheduler));
  const { timesteps } = planSteps({ sampler: 'lcm', schedule: 'automatic', steps: 51, levels, config: scheduler });
  // Every tenth, counted from 9; of the usual 50 timesteps, 51 steps would be too many.
  expect(timesteps).toHaveLength(51);
  expect(timesteps?.every((t) => t % 10 === 9)).toBe(true);
});

it('reads where the solvers’ timestep spacings end', async () => {
  const levels = tableLevels(trainedSigmas(await schedulerOf({})));
  const endOf = async (config: object) =>
    planSteps({ sampler: 'unipc', schedule: 'linspace', steps: 10, levels, config: await schedulerOf(config) })
      .sigmas[10];
  expect(await endOf({ final_sigmas_type: 'sigma_min' })).toBe(levels.sigmaMin);
  expect(await endOf({})).toBe(0);
});
