import { condition } from '../stages/condition';
import { decode } from '../stages/decode';
import { denoise } from '../stages/denoise';
import { plan as planRun } from '../stages/plan';
import { startFromNoise } from '../stages/start-from-noise';
import type { Recipe } from './recipe';

/** A picture from noise. */
export const textToImage: Recipe = async (run) => {
  const conditioningAt = await condition(run);
  const plan = planRun(run);
  const start = await startFromNoise(run, plan);
  const latent = await denoise(run, plan, start, conditioningAt);
  const { width, height } = run.request;
  return { rgb: await decode(run, latent), width, height, notes: [] };
};
