import { roundHalfEven, scaled } from '../../core/array';
import {
  cleanFrom,
  cleanLatent,
  continuousTime,
  outputFor,
  type Prediction,
  scoreFrom,
} from '../../core/diffusion/denoisers';
import { sigmaOf, variancePreserving } from '../../core/diffusion/noise-level';
import { type NoiseScheduleConfig, trainedSigmas } from '../../core/diffusion/noise-schedules';
import { discrete } from '../../core/diffusion/process/discrete';
import { fromNetwork } from '../../core/diffusion/process/from-network';
import type { NoiseProcess } from '../../core/diffusion/process/noise-process';
import { SAMPLERS } from '../../core/diffusion/samplers/index';
import type { Latent, SigmaTable } from '../../core/diffusion/types';
import { formula, vector } from './formula';
import { type Checker, type Comparison, FORMULA_TOLERANCE, type GoldenCase } from './golden';

/**
 * k-diffusion's `VDenoiser` has the cosine schedule in continuous time; it tells its networks that, so no entry is
 * looked up.
 */
const COSINE = trainedSigmas({
  beta_schedule: 'squaredcos_cap_v2',
  beta_start: 0,
  beta_end: 0,
  num_train_timesteps: 1000,
});

/** d_conversions.json: eps, v and x0 to denoised, through the wrappers of networks. */
export const checkConversions: Checker = (golden) => {
  switch (golden.fn) {
    case 'kd_discrete_eps':
      return checkDiscrete(golden, 'epsilon');
    case 'kd_discrete_v':
      return checkDiscrete(golden, 'v_prediction');
    case 'kd_vdenoiser':
      return checkWrapped(
        golden,
        discrete(COSINE, 'v_prediction'),
        formula('model_t', continuousTime(Number(golden.sigma)), golden.model_t),
      );
    case 'vp_conversions':
      return checkCoordinates(golden);
    case 'diffusers_euler_step':
      return checkEulerStep(golden);
    default:
      throw new RangeError(`No conversion "${golden.fn}" is known.`);
  }
};

/** A network seen as a denoiser: what it is given, and what its recorded output becomes. */
async function checkWrapped(golden: GoldenCase, process: NoiseProcess, time: Comparison): Promise<Comparison[]> {
  let input: Latent = new Float64Array();
  const network = async (given: Latent) => {
    input = given;
    return vector(golden.model_output);
  };
  const { x0 } = await fromNetwork(process, network)(vector(golden.x), Number(golden.sigma), Number(time.actual));
  return [formula('model_input', input, golden.model_input), time, formula('denoised', x0, golden.denoised)];
}

/** k-diffusion's wrappers of networks with discrete timesteps, rounded to the nearest where `quantize`. */
function checkDiscrete(golden: GoldenCase, prediction: Prediction): Promise<Comparison[]> {
  const table = trainedSigmas(golden.discrete as NoiseScheduleConfig);
  const process = discrete(table, prediction);
  const timestep = process.timestepAt(Number(golden.sigma));
  const time = golden.quantize
    ? formula('model_t', roundHalfEven(timestep), golden.model_t)
    : formula('model_t', timestep, golden.model_t, timestepTolerance(table, Number(golden.model_t)));
  return checkWrapped(golden, process, time);
}

/**
 * How well a fractional timestep is defined: log sigma of the table carries the rounding of 1 - abar, a few times
 * 2^-53 / (1 - abar), and a step of the table is all the larger in timesteps the less log sigma rises in it.
 */
function timestepTolerance({ sigmas, alphasCumprod }: SigmaTable, timestep: number): number {
  const low = Math.min(Math.floor(timestep), sigmas.length - 2);
  const rise = Math.log(sigmas[low + 1] / sigmas[low]);
  const rounding = (4 * Number.EPSILON) / (1 - alphasCumprod[low]) / rise;
  return Math.max(FORMULA_TOLERANCE, rounding / timestep);
}

function checkCoordinates(golden: GoldenCase): Comparison[] {
  const level = variancePreserving(Number(golden.alphas_cumprod));
  const [x, x0] = [vector(golden.x), vector(golden.x0)];
  return [
    formula('eps', outputFor('epsilon', x, level, x0), golden.eps),
    formula('v', outputFor('v_prediction', x, level, x0), golden.v),
    formula('score', scoreFrom(x, level, x0), golden.score),
    formula('sigma', sigmaOf(level), golden.sigma),
    formula('x_ve', scaled(1 / level.signal, x), golden.x_ve),
    formula('x0 from eps', cleanFrom('epsilon', x, level, vector(golden.eps)), golden.x0),
    formula('x0 from v', cleanFrom('v_prediction', x, level, vector(golden.v)), golden.x0),
  ];
}

async function checkEulerStep(golden: GoldenCase): Promise<Comparison[]> {
  const [x, sigma] = [vector(golden.x), Number(golden.sigma)];
  const x0 = cleanLatent(golden.prediction_type as Prediction, x, sigma, vector(golden.model_output));
  const next = await SAMPLERS.euler.sample(async () => ({ x0 }), x, [sigma, Number(golden.sigma_next)], {
    noise: () => new Float64Array(x.length),
  });
  return [formula('denoised', x0, golden.denoised), formula('x_next', next, golden.x_next)];
}
