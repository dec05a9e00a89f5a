import { ChevronRight } from 'lucide-react';
import { resolveSchedule } from '../../core/diffusion/plan-steps';
import { samplerEntry } from '../../core/diffusion/samplers/index';
import { STEP_SCHEDULES } from '../../core/diffusion/step-schedules/index';
import { EXTRA_NUMBERS, TUNING_NUMBERS } from '../../core/request/fields';
import { useEngine } from '../../store/engine';
import { canGuide } from '../../store/settings/applicable-fields';
import { defaultOf, discardsPenultimate, numberOf, useSettings } from '../../store/settings/settings';
import { NumberControl } from '../components/number-control';
import { ChoiceControl } from './choice-control';
import { FlagControl } from './flag-control';
import './fine-settings.css';

const CHOICES = ['unipcVariant', 'varianceType', 'noiseSource'] as const;
const FLAGS = ['discardPenultimate', 'quantise'] as const;

/**
 * What only some people turn: the sampler's own options, the guidance's, the noise's and the schedule's. Folded away at
 * first.
 */
export function FineSettings() {
  const sampler = useSettings(({ values }) => values.sampler);
  const schedule = useSettings(({ values }) => values.schedule);
  const info = useEngine((state) => state.model?.info);
  const guides = useSettings(({ values }) => canGuide(values.prompt, info));
  const discards = useSettings(discardsPenultimate);
  const quantised = useSettings(({ values }) => values.quantise ?? false);
  const { options, ends, label } = samplerEntry(sampler);
  // Where only the ends of the list count, they can still be moved.
  const { options: levels, group } =
    STEP_SCHEDULES[ends ? 'exponential' : resolveSchedule(sampler, schedule, info?.scheduler ?? {})];
  const changed = useSettings(
    (state) =>
      [...TUNING_NUMBERS, ...EXTRA_NUMBERS].some((name) => numberOf(name, state) !== defaultOf(name, state)) ||
      [...CHOICES, ...FLAGS].some((name) => state.values[name] !== undefined),
  );
  return (
    <details className="fine">
      <summary>
        <ChevronRight size={14} aria-hidden="true" />
        Fine settings
        {changed && <span className="number-changed" title="Some are not the defaults" />}
      </summary>
      <div className="settings-group">
        {Object.keys(options).length > 0 && <h3 className="fine-heading">{label}</h3>}
        {TUNING_NUMBERS.filter((name) => name in options).map((name) => (
          <NumberControl key={name} name={name} sliderMax={name === 'sTmax' ? 20 : undefined} />
        ))}
        {'unipcVariant' in options && <ChoiceControl name="unipcVariant" />}
        {'varianceType' in options && <ChoiceControl name="varianceType" />}
        <h3 className="fine-heading">Prompt</h3>
        <NumberControl name="clipSkip" sliderMax={info?.maxClipSkip} />
        <h3 className="fine-heading">Guidance</h3>
        <NumberControl name="guidanceRescale" />
        <NumberControl name="guidanceStart" />
        <NumberControl name="guidanceEnd" />
        {guides && <NumberControl name="classifierScale" />}
        <h3 className="fine-heading">Noise</h3>
        <ChoiceControl name="noiseSource" />
        <NumberControl name="etaNoiseSeedDelta" sliderMax={65535} />
        <h3 className="fine-heading">Schedule</h3>
        {'sigmaMin' in levels && <NumberControl name="sigmaMin" sliderMax={1} />}
        {'sigmaMax' in levels && <NumberControl name="sigmaMax" sliderMax={40} />}
        {'rho' in levels && <NumberControl name="rho" />}
        {'alpha' in levels && <NumberControl name="betaAlpha" />}
        {'beta' in levels && <NumberControl name="betaBeta" />}
        {group === 'Noise levels' && !ends && <FlagControl name="discardPenultimate" checked={discards} />}
        <FlagControl name="quantise" checked={quantised} />
      </div>
    </details>
  );
}
