import { cleanLatent, networkInput, type Prediction } from '../denoisers';
import { sigmaAt, timestepAt } from '../timesteps';
import type { SigmaTable } from '../types';
import type { NoiseProcess } from './noise-process';

/**
 * A model trained on a table of noise levels in variance-preserving coordinates (DDPM, Stable Diffusion up to SDXL). Levels
 * between those of the table have fractional timesteps, interpolated in log sigma.
 */
export function discrete(trained: SigmaTable, prediction: Prediction): NoiseProcess {
  const { sigmas } = trained;
  const timestepOf = (sigma: number) => timestepAt(trained, sigma);
  return {
    trained,
    sigmaMin: sigmas[0],
    sigmaMax: sigmas[sigmas.length - 1],
    level(sigma) {
      const root = Math.sqrt(sigma ** 2 + 1);
      return { signal: 1 / root, noise: sigma / root };
    },
    timestepAt: timestepOf,
    timeAt: timestepOf,
    sigmaAt: (timestep) => sigmaAt(trained, timestep),
    input: networkInput,
    denoised: (x, sigma, output) => ({ x0: cleanLatent(prediction, x, sigma, output) }),
  };
}
