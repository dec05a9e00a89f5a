import { resolveSchedule } from '../../core/diffusion/plan-steps';
import { SAMPLERS, type SamplerId, samplerEntry } from '../../core/diffusion/samplers/index';
import { STEP_SCHEDULES, type StepScheduleId } from '../../core/diffusion/step-schedules/index';
import { schedulesOf } from '../../core/request/request';
import { useEngine } from '../../store/engine';
import { setFast } from '../../store/settings/fast';
import { setSampler, setSchedule, useSettings } from '../../store/settings/settings';
import { type Choice, GroupedSelect } from '../components/grouped-select';
import { NumberControl } from '../components/number-control';
import { FlagControl } from './flag-control';

/** A registry's entries as a list to choose from. */
export function choicesOf<T extends string>(
  registry: Record<T, Omit<Choice<T>, 'value'>>,
  ids: readonly T[],
): Choice<T>[] {
  return ids.map((value) => ({ value, ...registry[value] }));
}

export const SAMPLER_CHOICES = choicesOf<SamplerId>(SAMPLERS, Object.keys(SAMPLERS) as SamplerId[]);

/** Sampler, schedule, steps and guidance; what a sampler chooses by itself is not asked for. */
export function SamplerSettings() {
  const sampler = useSettings(({ values }) => values.sampler);
  const schedule = useSettings(({ values }) => values.schedule);
  const config = useEngine((state) => state.model?.info.scheduler);
  const fast = useEngine((state) => state.model?.info.fast);
  const isFast = useSettings(({ values }) => values.fast ?? false);
  const automatic = STEP_SCHEDULES[resolveSchedule(sampler, 'automatic', config ?? {})].label;
  const { ends } = samplerEntry(sampler);
  const schedules = choicesOf<StepScheduleId>(STEP_SCHEDULES, schedulesOf(sampler));
  return (
    <div className="settings-group">
      {fast && <FlagControl name="fast" checked={isFast} onChange={(on) => setFast(on, fast)} />}
      <div className="settings-row">
        <span className="settings-label">Sampler</span>
        <GroupedSelect label="Sampler" value={sampler} choices={SAMPLER_CHOICES} onChange={setSampler} />
      </div>
      {schedules.length > 1 && (
        <div className="settings-row">
          <span className="settings-label">Schedule type</span>
          <GroupedSelect
            label="Schedule type"
            value={schedule}
            shown={schedule === 'automatic' ? `Automatic (${automatic})` : undefined}
            choices={schedules}
            onChange={setSchedule}
          />
        </div>
      )}
      {!ends?.adaptive && <NumberControl name="steps" sliderMax={60} />}
      <NumberControl name="cfgScale" sliderMax={20} />
    </div>
  );
}
