import { inCoordinates, startingNoise } from '../latent-format';
import { varianceExploding } from '../noise-level';
import { type NoiseScheduleConfig, trainedSigmas } from '../noise-schedules';
import { type PlanRequest, planSteps } from '../plan-steps';
import { tableLevels } from '../process/discrete';
import { type SamplerId, samplerEntry } from '../samplers/index';
import { runNoise } from '../samplers/noise';
import { runOptions } from '../samplers/tuning';
import type { StepScheduleId } from '../step-schedules/index';
import type { Denoiser, Latent } from '../types';
import { logDensity, logResponsibilities, type Mixture, mixtureMean } from './mixture';

/**
 * Four clouds of unlike size, weight and distance: about as wide as a unit normal, so that noise covers them evenly.
 */
export const FOUR_CLOUDS: Mixture = {
  weights: [0.35, 0.3, 0.2, 0.15],
  means: [
    [-1.1, 0.55],
    [0.95, 0.85],
    [0.35, -1.15],
    [-0.75, -0.95],
  ],
  stds: [0.22, 0.3, 0.18, 0.12],
};

export interface TrajectoryRequest {
  sampler: SamplerId;
  schedule: StepScheduleId;
  steps: number;
  /** How many points start from noise. */
  points: number;
  /** 0 .. 2^32 - 1; the same seed starts every sampler from the same noise. */
  seed: number;
  eta?: number;
  /** How the noise levels were trained. */
  config: NoiseScheduleConfig & PlanRequest['config'];
  mixture: Mixture;
}

export interface Trajectories {
  /** Noise level of each place of a path; one more than there are steps. */
  sigmas: number[];
  /** For each point its places [x, y] in variance-preserving coordinates, from noise to the end. */
  paths: [x: number, y: number][][];
}

/** E[x0 | x] for many points of a mixture's space that stand one after another in x. */
function mixtureDenoiser(mixture: Mixture): Denoiser {
  const dimensions = mixture.means[0].length;
  return async (x, sigma) => {
    const x0 = new Float64Array(x.length);
    for (let at = 0; at < x.length; at += dimensions)
      x0.set(mixtureMean(x.subarray(at, at + dimensions), sigma, mixture), at);
    return { x0 };
  };
}

/**
 * A sampler's ways from noise to a mixture of Gaussians in the plane, whose best denoiser is known exactly: what one
 * sees is the sampler's own doing, without any error of a network.
 * @throws EaselError `bad-request` where sampler, schedule and steps do not go together.
 */
export async function trajectoriesOf(request: TrajectoryRequest): Promise<Trajectories> {
  const { sampler, schedule, steps, points, seed, eta, config, mixture } = request;
  const levels = tableLevels(trainedSigmas(config));
  const plan = planSteps({ sampler, schedule, steps, levels, config });
  const { coordinates, sample } = samplerEntry(sampler);
  const { starting, during } = runNoise({ seed, sampler }, plan.sigmas, { channels: 1, height: 1, width: 2 * points });
  const start = startingNoise(Float64Array.from(starting), plan, coordinates);
  const sigmas: number[] = [];
  const places: Latent[] = [];
  const keep = (x: Latent, sigma: number) => {
    sigmas.push(sigma);
    places.push(inCoordinates('variance-preserving', x, sigma));
  };
  const end = await sample(mixtureDenoiser(mixture), start, plan.sigmas, {
    ...runOptions(sampler, { eta }, plan, levels),
    noise: during,
    onStep: ({ x, sigma }) => keep(x, sigma),
  });
  keep(end, plan.sigmas[plan.sigmas.length - 1]);
  const paths = Array.from({ length: points }, (_, k) =>
    places.map((place): [number, number] => [place[2 * k], place[2 * k + 1]]),
  );
  return { sigmas, paths };
}

/** The mixture's density at a place, as data has it. */
export function mixtureDensity(place: readonly number[], mixture: Mixture): number {
  return Math.exp(logDensity(place, varianceExploding(0), mixture));
}

/** Which of the mixture's components most likely drew a place. */
export function nearestComponent(place: readonly number[], mixture: Mixture): number {
  const shares = logResponsibilities(place, varianceExploding(0), mixture);
  return shares.indexOf(Math.max(...shares));
}
