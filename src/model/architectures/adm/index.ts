import { consistency } from '../../../core/diffusion/process/consistency';
import { said } from '../../../core/errors';
import { FAMILY_WORDS } from '../../../core/family-words';
import type { Architecture, SchedulerConfig } from '../architecture';
import { labelled, ofPixels, recognisePixels, samplerDefaults, TABLE_SCHEDULERS, withoutText } from '../pixels';
import { CONSISTENCY_SCHEDULER } from '../recognition';

/** ImageNet's classes; a model with one more was trained for guidance toward it. */
const IMAGENET = 1000;

const isConsistency = ({ _class_name }: SchedulerConfig): boolean => _class_name === CONSISTENCY_SCHEDULER;

/** Guided diffusion (Dhariwal and Nichol 2021) and consistency models (Song et al. 2023): pixels, by class labels. */
export const adm: Architecture = {
  ...ofPixels,
  id: 'adm',
  label: FAMILY_WORDS.adm,
  schedulers: [...TABLE_SCHEDULERS, CONSISTENCY_SCHEDULER],
  recognise(facts) {
    const isDistilled = facts.markers.scheduler === CONSISTENCY_SCHEDULER;
    const told = facts.classes !== undefined ? said`it is told a class` : said`no class enters it`;
    return recognisePixels(facts, {
      is: facts.classes !== undefined || isDistilled,
      because: isDistilled ? said`it is a consistency model` : told,
    });
  },
  process(config, terminal) {
    if (!isConsistency(config.scheduler)) return withoutText.process(config, terminal);
    const { sigma_min, sigma_max, sigma_data } = config.scheduler;
    return consistency({ sigmaMin: sigma_min, sigmaMax: sigma_max, sigmaData: sigma_data });
  },
  conditioning: ({ denoiser }) => labelled(denoiser, denoiser.classes === IMAGENET + 1 ? IMAGENET : undefined),
  defaults(config) {
    const own = samplerDefaults(config);
    return isConsistency(config.scheduler) ? { ...own, sampler: 'consistency', steps: 2 } : own;
  },
};
