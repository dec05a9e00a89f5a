import { EaselError } from '../../core/errors';
import type { DenoiserFacts } from '../layouts/facts';
import type { PredictionType } from '../types';
import type { Architecture, Prediction } from './architecture';
import { sd1 } from './sd1';
import { sd2 } from './sd2';
import { sdxl } from './sdxl';

/** All that Easel paints with; a model is of one at most. */
export const ARCHITECTURES: readonly Architecture[] = [sd1, sd2, sdxl];

/**
 * The architecture of a denoiser.
 * @param name of the file or folder, for the error
 * @throws EaselError `unsupported` where it is none of them, with what tells it from each.
 */
export function architectureFor(facts: DenoiserFacts, name: string): Architecture {
  const looks = ARCHITECTURES.map((architecture) => ({ architecture, ...architecture.recognise(facts) }));
  const found = looks.find(({ is }) => is);
  if (found) return found.architecture;
  const reasons = looks.map(({ architecture, because }) => `no ${architecture.label}, for ${because}`);
  throw new EaselError('unsupported', `${name} is no model that Easel paints with: ${reasons.join('; ')}.`);
}

/** @throws EaselError `internal` for one that there is not. */
export function architectureOf(id: string): Architecture {
  const found = ARCHITECTURES.find((architecture) => architecture.id === id);
  if (found) return found;
  throw new EaselError('internal', `There is no architecture "${id}".`);
}

/** What a denoiser predicts: as the files state, or as the architecture's models usually do. */
export function predictionOf(
  architecture: Architecture,
  facts: DenoiserFacts,
  stated: PredictionType | undefined,
): Prediction {
  return stated === undefined ? architecture.usualPrediction(facts) : { type: stated, isKnown: true };
}
