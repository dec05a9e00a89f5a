import { describe, expect, it } from 'vitest';
import { SAMPLERS, type SamplerId } from '../samplers/index';
import { FOUR_CLOUDS, mixtureDensity, nearestComponent, type TrajectoryRequest, trajectoriesOf } from './trajectories';

const request: TrajectoryRequest = {
  sampler: 'euler',
  schedule: 'karras',
  steps: 20,
  points: 30,
  seed: 7,
  config: { num_train_timesteps: 1000, beta_start: 0.00085, beta_end: 0.012, beta_schedule: 'scaled_linear' },
  mixture: FOUR_CLOUDS,
};

describe('trajectories on a mixture whose denoiser is known', () => {
  it.each(Object.keys(SAMPLERS) as SamplerId[])('%s walks from noise to places that the data has', async (sampler) => {
    const { sigmas, paths } = await trajectoriesOf({ ...request, sampler, schedule: 'automatic' });
    expect(paths).toHaveLength(30);
    for (const path of paths) expect(path).toHaveLength(sigmas.length);
    const ends = paths.map((path) => path[path.length - 1]);
    // Six deviations from a cloud: one sample in sixty million is farther.
    for (const end of ends) {
      const k = nearestComponent(end, FOUR_CLOUDS);
      const [dx, dy] = [end[0] - FOUR_CLOUDS.means[k][0], end[1] - FOUR_CLOUDS.means[k][1]];
      expect(Math.hypot(dx, dy)).toBeLessThan(6 * FOUR_CLOUDS.stds[k]);
    }
  });

  it('starts every sampler from the same noise, and the seed alone changes it', async () => {
    const start = async (change: Partial<TrajectoryRequest>) =>
      (await trajectoriesOf({ ...request, ...change })).paths[0][0];
    expect(await start({})).toEqual(await start({ sampler: 'euler_a' }));
    expect(await start({})).not.toEqual(await start({ seed: 8 }));
  });

  it('deterministic samplers of many steps agree, few steps of Euler do not', async () => {
    const ends = async (change: Partial<TrajectoryRequest>) =>
      (await trajectoriesOf({ ...request, ...change })).paths.map((path) => path[path.length - 1]);
    const distance = (a: number[][], b: number[][]) =>
      a.reduce((sum, [x, y], i) => sum + Math.hypot(x - b[i][0], y - b[i][1]), 0) / a.length;
    const exact = await ends({ steps: 400 });
    const far = distance(await ends({ steps: 5 }), exact);
    const near = distance(await ends({ sampler: 'dpmpp_2m', steps: 100 }), exact);
    expect(near).toBeLessThan(far / 5);
  });

  it('the density integrates to 1', () => {
    let sum = 0;
    const cell = 0.02;
    for (let x = -3; x < 3; x += cell) for (let y = -3; y < 3; y += cell) sum += mixtureDensity([x, y], FOUR_CLOUDS);
    expect(sum * cell * cell).toBeCloseTo(1, 6);
  });
});
