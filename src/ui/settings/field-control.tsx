import type { ComponentType } from 'react';
import { resolveSchedule } from '../../core/diffusion/plan-steps';
import { type ChoiceName, FIELDS, type FieldName, type FlagName, type NumberName } from '../../core/request/fields';
import { useEngine } from '../../store/engine';
import { knownInfo } from '../../store/library/starter';
import { setFast } from '../../store/settings/fast';
import { useSettings } from '../../store/settings/settings';
import { labelOfChoice } from '../../texts/fields';
import { texts } from '../../texts/settings';
import { NumberControl } from '../components/number-control';
import { ChoiceControl } from './choice-control';
import { FlagControl } from './flag-control';
import { PromptField } from './prompt-field';
import { SeedControl } from './seed-control';
import { UpscalerControl } from './upscaler-control';

/** Settings whose control is more than their kind's. */
const OWN_CONTROLS: Readonly<Partial<Record<FieldName, ComponentType>>> = {
  clipSkip: ClipSkipControl,
  fast: FastControl,
  schedule: ScheduleControl,
  seed: () => <SeedControl name="seed" />,
  variationSeed: () => <SeedControl name="variationSeed" />,
  hiresUpscaler: () => <UpscalerControl name="hiresUpscaler" />,
  hiresPrompt: () => <PromptField field="hiresPrompt" />,
  hiresNegativePrompt: () => <PromptField field="hiresNegativePrompt" />,
};

/** The control of a setting. */
export function FieldControl({ name }: { name: FieldName }) {
  const Own = OWN_CONTROLS[name];
  if (Own) return <Own />;
  const { kind } = FIELDS[name];
  switch (kind) {
    case 'number':
      return <NumberControl name={name as NumberName} />;
    case 'choice':
      return <ChoiceControl name={name as ChoiceName} />;
    case 'flag':
      return <FlagControl name={name as FlagName} />;
    case 'text':
      return null; // the prompts have a place of their own
    default:
      return kind satisfies never;
  }
}

/** The model knows how many layers its text encoder has. */
function ClipSkipControl() {
  return <NumberControl name="clipSkip" sliderMax={useEngine((state) => state.model?.info.maxClipSkip)} />;
}

/** Fast brings its own settings along, and says what they save. */
function FastControl() {
  const info = useEngine(knownInfo);
  const fast = info?.fast;
  if (!fast) return null;
  const [few, many] = [fast.steps, info.defaults?.steps];
  const label = few !== undefined && many !== undefined ? texts.fast(few, many) : undefined;
  return <FlagControl name="fast" label={label} onChange={(on) => setFast(on, fast)} />;
}

/** Automatic says what it stands for. */
function ScheduleControl() {
  const sampler = useSettings(({ values }) => values.sampler);
  const schedule = useSettings(({ values }) => values.schedule);
  const traits = useEngine((state) => knownInfo(state)?.scheduler);
  const automatic = labelOfChoice('schedule', resolveSchedule(sampler, 'automatic', traits ?? {}));
  return <ChoiceControl name="schedule" shown={schedule === 'automatic' ? texts.automatic(automatic) : undefined} />;
}
