import { said } from '../../../core/errors';
import { SIGMA_INPUT } from '../../layouts/facts';
import type { Architecture } from '../architecture';
import { labelled, ofPixels, recognisePixels, samplerDefaults, TABLE_SCHEDULERS } from '../pixels';
import { CONSISTENCY_SCHEDULER } from '../recognition';

/** Denoising diffusion probabilistic models (Ho et al. 2020): pixels, told nothing but the timestep. */
export const ddpm: Architecture = {
  ...ofPixels,
  id: 'ddpm',
  label: 'DDPM',
  schedulers: TABLE_SCHEDULERS,
  recognise(facts) {
    if (facts.classes !== undefined) return { is: false, because: said`it is told a class` };
    if (facts.markers.scheduler === CONSISTENCY_SCHEDULER)
      return { is: false, because: said`it is a consistency model` };
    const isScore = facts.inputs.includes(SIGMA_INPUT);
    return recognisePixels(facts, {
      is: !isScore,
      because: isScore ? said`it is told noise levels` : said`no class enters it`,
    });
  },
  conditioning: ({ denoiser }) => labelled(denoiser),
  defaults: samplerDefaults,
};
