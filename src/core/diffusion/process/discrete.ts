import { cleanLatent, networkInput, type Prediction } from '../denoisers';
import { sigmaAt, timestepAt } from '../timesteps';
import type { SigmaTable } from '../types';
import type { KnownLevels, NoiseProcess } from './noise-process';

/** A table's levels, and those between, whose fractional timesteps are interpolated in log sigma. */
export function tableLevels(trained: SigmaTable): KnownLevels {
  const { sigmas } = trained;
  const timestepOf = (sigma: number) => timestepAt(trained, sigma);
  return {
    trained,
    sigmaMin: sigmas[0],
    sigmaMax: sigmas[sigmas.length - 1],
    timestepAt: timestepOf,
    timeAt: timestepOf,
    sigmaAt: (timestep) => sigmaAt(trained, timestep),
  };
}

/**
 * A model trained on a table of noise levels in variance-preserving coordinates (DDPM, Stable Diffusion up to SDXL).
 */
export function discrete(trained: SigmaTable, prediction: Prediction): NoiseProcess {
  return {
    ...tableLevels(trained),
    prediction,
    level(sigma) {
      const root = Math.sqrt(sigma ** 2 + 1);
      return { signal: 1 / root, noise: sigma / root };
    },
    input: networkInput,
    denoised: (x, sigma, output) => ({ x0: cleanLatent(prediction, x, sigma, output) }),
  };
}
