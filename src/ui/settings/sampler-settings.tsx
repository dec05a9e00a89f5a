import { SAMPLERS, type SamplerId } from '../../core/diffusion/samplers/index';
import { resolveSchedule, STEP_SCHEDULES, type StepScheduleId } from '../../core/diffusion/step-schedules';
import { useEngine } from '../../store/engine';
import { setSampler, setSchedule, useSettings } from '../../store/settings';
import { type Choice, GroupedSelect } from '../components/grouped-select';
import { NumberControl } from '../components/number-control';

/** A registry as a list to choose from. */
export function choicesOf<T extends string>(registry: Record<T, Omit<Choice<T>, 'value'>>): Choice<T>[] {
  return (Object.keys(registry) as T[]).map((value) => ({ value, ...registry[value] }));
}

export const SAMPLER_CHOICES = choicesOf<SamplerId>(SAMPLERS);
export const SCHEDULE_CHOICES = choicesOf<StepScheduleId>(STEP_SCHEDULES);

/** Sampler, schedule, steps, guidance, and the options that the sampler has. */
export function SamplerSettings() {
  const sampler = useSettings(({ values }) => values.sampler);
  const schedule = useSettings(({ values }) => values.schedule);
  const config = useEngine((state) => state.model?.info.scheduler);
  const automatic = STEP_SCHEDULES[resolveSchedule(sampler, 'automatic', config ?? {})].label;
  return (
    <div className="settings-group">
      <div className="settings-row">
        <span className="settings-label">Sampler</span>
        <GroupedSelect label="Sampler" value={sampler} choices={SAMPLER_CHOICES} onChange={setSampler} />
      </div>
      <div className="settings-row">
        <span className="settings-label">Schedule</span>
        <GroupedSelect
          label="Schedule type"
          value={schedule}
          shown={schedule === 'automatic' ? `Automatic (${automatic})` : undefined}
          choices={SCHEDULE_CHOICES}
          onChange={setSchedule}
        />
      </div>
      <NumberControl name="steps" sliderMax={60} />
      <NumberControl name="cfgScale" sliderMax={20} />
      {'eta' in SAMPLERS[sampler].options && <NumberControl name="eta" />}
    </div>
  );
}
