import { EaselError, listed, type Said, said } from '../../core/errors';
import type { DenoiserFacts, PredictionType } from '../layouts/facts';
import { adm } from './adm';
import { type Architecture, type ArchitectureName, familyLabel, type Maths, type Prediction } from './architecture';
import { ddpm } from './ddpm';
import { ldm } from './ldm';
import { ncsnpp } from './ncsnpp';
import { sd1 } from './sd1';
import { sd2 } from './sd2';
import { sdxl } from './sdxl';

/** All that Easel paints with; a model is of one at most. */
const ARCHITECTURES: readonly Architecture[] = [sd1, sd2, sdxl, ddpm, adm, ncsnpp, ldm];

/** What says that a model was trained by other maths than those of a table of noise levels. */
const OTHER_MATHS: readonly (readonly [marker: RegExp, maths: Maths, name: Said])[] = [
  [/^(edm_mean|edm_std|edm_vpred\.sigma_max)$/, 'edm', said`EDM (as Playground v2.5 and CosXL are)`],
  [/^EDM/, 'edm', said`EDM (as Playground v2.5 is)`],
  [/^FlowMatch/, 'flow', said`flow matching`],
];

/** @throws EaselError `unsupported` naming the marker of a model that would be painted wrongly */
function refuseOtherMaths({ markers }: DenoiserFacts, name: string, architecture: Architecture): void {
  const { otherMaths = [] } = architecture;
  for (const marker of [...Object.keys(markers), markers.scheduler].filter((one) => typeof one === 'string')) {
    const other = OTHER_MATHS.find(([pattern]) => pattern.test(marker));
    if (other === undefined || otherMaths.includes(other[1])) continue;
    const [, , words] = other;
    const message = said`${name} was trained by ${words}: "${marker}" says so. Easel does not paint with such models of ${familyLabel(architecture)} yet.`;
    throw new EaselError('unsupported', message);
  }
}

/** @throws EaselError `unsupported` naming a scheduler that would be followed wrongly */
function refuseOtherSchedulers({ markers }: DenoiserFacts, name: string, architecture: Architecture): void {
  const { schedulers } = architecture;
  const { scheduler } = markers;
  if (!schedulers || typeof scheduler !== 'string' || schedulers.includes(scheduler)) return;
  const message = said`${name} is made for ${scheduler}, which Easel does not know with models of ${familyLabel(architecture)}. It knows ${schedulers.join(', ')}.`;
  throw new EaselError('unsupported', message);
}

/**
 * The architecture of a denoiser.
 * @param name of the file or folder, for the error
 * @throws EaselError `unsupported` where it is none of them, with what tells it from each, or was trained by other
 *   maths.
 */
export function architectureFor(facts: DenoiserFacts, name: string): Architecture {
  const looks = ARCHITECTURES.map((architecture) => ({ architecture, ...architecture.recognise(facts) }));
  const found = looks.find(({ is }) => is);
  if (found) {
    refuseOtherMaths(facts, name, found.architecture);
    refuseOtherSchedulers(facts, name, found.architecture);
    return found.architecture;
  }
  const reasons = looks.map(({ architecture, because }) => said`no ${familyLabel(architecture)}, for ${because}`);
  throw new EaselError('unsupported', said`${name} is not a model that Easel paints with: ${listed(reasons, '; ')}.`);
}

/** @throws EaselError `internal` for one that there is not. */
export function architectureOf(id: string): Architecture {
  const found = ARCHITECTURES.find((architecture) => architecture.id === id);
  if (found) return found;
  throw new EaselError('internal', said`There is no architecture "${id}".`);
}

/**
 * The architecture that a LoRA was made for: by the width of the text that its modules read, else by what its file
 * says.
 * @param textWidth undefined where it changes nothing that reads the text
 * @param bases what the file calls the model that the training began with
 */
export function architectureOfLora(
  textWidth: number | undefined,
  bases: readonly string[],
): ArchitectureName | undefined {
  const found = ARCHITECTURES.find(({ loraSigns }) =>
    textWidth === undefined
      ? bases.some((base) => loraSigns?.base.test(base.toLowerCase()))
      : loraSigns?.textWidth === textWidth,
  );
  return found && { id: found.id, label: found.label };
}

/** What a denoiser predicts: as the files state, or as the architecture's models of such a name usually do. */
export function predictionOf(
  architecture: Architecture,
  facts: DenoiserFacts,
  stated: PredictionType | undefined,
  name: string,
): Prediction {
  return stated === undefined ? architecture.usualPrediction(facts, name) : { type: stated, isKnown: true };
}
