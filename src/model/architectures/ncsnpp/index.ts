import { score } from '../../../core/diffusion/process/score';
import { said } from '../../../core/errors';
import { SIGMA_INPUT } from '../../layouts/facts';
import type { Architecture } from '../architecture';
import { labelled, ofPixels, recognisePixels, samplerDefaults } from '../pixels';

const { thresholding: _, ...shared } = ofPixels;

/** NCSN++ (Song et al. 2021): the score of pixels under the variance-exploding process, told the noise level itself. */
export const ncsnpp: Architecture = {
  ...shared,
  id: 'ncsnpp',
  label: 'NCSN++',
  schedulers: ['ScoreSdeVeScheduler'],
  recognise(facts) {
    const isScore = facts.inputs.includes(SIGMA_INPUT);
    return recognisePixels(facts, {
      is: isScore,
      because: isScore ? said`it is told noise levels` : said`it is told timesteps`,
    });
  },
  // Its pictures are 0..1; those of -1..1 are moved by 1 and halved.
  latent: {
    ...shared.latent,
    scaling: 0.5,
    shift: -1,
    space: 'pixels-from-0',
    previewFactors: [
      [2, 0, 0],
      [0, 2, 0],
      [0, 0, 2],
      [-1, -1, -1],
    ],
  },
  process: ({ scheduler }) => score({ sigmaMin: scheduler.sigma_min, sigmaMax: scheduler.sigma_max }),
  conditioning: ({ denoiser }) => labelled(denoiser),
  defaults: (config) => ({
    ...samplerDefaults(config),
    sampler: 'predictor_corrector',
    schedule: 'exponential',
    steps: 100,
  }),
};
