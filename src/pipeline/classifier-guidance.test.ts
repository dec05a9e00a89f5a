import { describe, expect, it } from 'vitest';
import { varianceExploding, variancePreserving } from '../core/diffusion/noise-level';
import { trainedSigmas } from '../core/diffusion/noise-schedules';
import { discrete } from '../core/diffusion/process/discrete';
import { classifierGradient, type Mixture, posteriorExpectation } from '../core/diffusion/theory/mixture';
import type { Denoiser, Latent } from '../core/diffusion/types';
import type { ModelInfo } from '../model/running/model-info';
import { classifierGuidedDenoiser } from './classifier-guidance';

const MIXTURE: Mixture = {
  weights: [0.6, 0.4],
  means: [
    [1, -0.5],
    [-0.8, 0.3],
  ],
  stds: [0.4, 0.7],
};
const SECOND: Mixture = { weights: [1], means: [MIXTURE.means[1]], stds: [MIXTURE.stds[1]] };
const SD = trainedSigmas({ beta_schedule: 'scaled_linear', beta_start: 0.00085, beta_end: 0.012, num_train_timesteps: 1000 }); // biome-ignore format: one thing
const PROCESS = discrete(SD, 'epsilon');
const SIZE = { height: 1, width: 2 };

const exact = (mixture: Mixture): Denoiser => async (x, sigma) => ({ x0: posteriorExpectation(x, varianceExploding(sigma), mixture) }); // biome-ignore format: one line
const info = { name: 'mixture', classifierNames: ['first', 'second'] } as Pick<ModelInfo, 'name' | 'classifierNames'> as ModelInfo; // biome-ignore format: one line

/** The mixture's true classifier at one noise level, whose timestep it checks. */
const classifierAt = (sigma: number) => ({
  info,
  classifierGradient: async (z: Latent, height: number, width: number, timestep: number, wanted: readonly number[]) => {
    expect({ height, width, timestep, wanted }).toEqual({ ...SIZE, timestep: PROCESS.timestepAt(sigma), wanted: [1] });
    return Float32Array.from(classifierGradient(z, 1, variancePreserving(1 / (1 + sigma ** 2)), MIXTURE));
  },
});

describe('a denoiser guided by a classifier', () => {
  const x = Float64Array.of(0.7, -1.1);
  const at = { step: 0, of: 1 };
  const wish = (prompt: string, classifierScale?: number) => ({ prompt, classifierScale });

  it.each([0.1, 0.8, 5])(
    'by the true one, at scale 1, is the denoiser of what is named (Bayes); sigma %d',
    async (sigma) => {
      const guided = classifierGuidedDenoiser(
        exact(MIXTURE),
        classifierAt(sigma),
        wish('the second', 1),
        SIZE,
        PROCESS,
      );
      const [{ x0 }, alone] = [await guided(x, sigma, at), await exact(SECOND)(x, sigma, at)];
      for (const [i, value] of x0.entries()) expect(value).toBeCloseTo(alone.x0[i], 5);
    },
  );

  it('goes on along the gradient at higher scales', async () => {
    const moved = async (scale: number) => {
      const guided = classifierGuidedDenoiser(exact(MIXTURE), classifierAt(0.8), wish('second', scale), SIZE, PROCESS);
      return (await guided(x, 0.8, at)).x0[0] - (await exact(MIXTURE)(x, 0.8, at)).x0[0];
    };
    expect(await moved(6)).toBeCloseTo(2 * (await moved(3)), 5);
  });

  it('is the denoiser itself where it is off', () => {
    const plain = exact(MIXTURE);
    for (const scale of [undefined, 0]) expect(classifierGuidedDenoiser(plain, { info }, wish('second', scale), SIZE, PROCESS)).toBe(plain); // biome-ignore format: one line
  });

  it('says why it cannot guide', () => {
    const guide = (model: Parameters<typeof classifierGuidedDenoiser>[1], prompt: string) => () =>
      classifierGuidedDenoiser(exact(MIXTURE), model, wish(prompt, 2), SIZE, PROCESS);
    expect(guide({ info }, 'second')).toThrow(/mixture has no classifier/);
    expect(guide(classifierAt(1), 'a third thing')).toThrow(/names nothing that the classifier knows/);
  });
});
