import { useMemo, useState } from 'react';
import { resolveSchedule } from '../../core/diffusion/plan-steps';
import { type SamplerId, samplerEntry } from '../../core/diffusion/samplers/index';
import { STEP_SCHEDULES, type StepScheduleId } from '../../core/diffusion/step-schedules/index';
import { FIELDS } from '../../core/request/fields';
import { changeSettings, setField, useSettings } from '../../store/settings/settings';
import { GroupedSelect } from '../components/grouped-select';
import { WholeNumber } from '../components/whole-number';
import { LabCard } from './lab-card';
import { LinePlot } from './line-plot';
import { useScheduleConfig } from './schedule-config';
import { stepSigmas } from './step-sigmas';
import { UseInPaint } from './use-in-paint';

/** Beside Paint's own: those that everyone knows, so that each line can be followed. */
const CLASSICS = (['normal', 'karras', 'exponential', 'sgm_uniform'] as const).map((id) => STEP_SCHEDULES[id].label);

/** Where each step schedule puts its noise levels. */
export function StepScheduleCard() {
  const config = useScheduleConfig();
  const requested = useSettings(({ values }) => values);
  const [chosen, setChosen] = useState<SamplerId>();
  const [steps, setSteps] = useState(20);
  const [log, setLog] = useState(true);
  const sampler = chosen ?? requested.sampler;
  const { series, refused } = useMemo(() => stepSigmas(config, sampler, steps), [config, sampler, steps]);
  const { ends } = samplerEntry(sampler);
  const main = STEP_SCHEDULES[ends ? 'automatic' : resolveSchedule(sampler, requested.schedule, config)].label;
  return (
    <LabCard
      title="Step schedules"
      description={`The noise level at each of ${steps} steps: a schedule that is low early spends its steps on detail. The thick line, ${main}, is what Paint is set to.`}
    >
      <div className="lab-controls">
        <div className="lab-choice">
          <span>Sampler</span>
          <GroupedSelect
            label="Sampler of the step schedules"
            value={sampler}
            choices={FIELDS.sampler.choices}
            onChange={(next) => setChosen(next)}
          />
        </div>
        <WholeNumber label="Steps" value={steps} min={1} max={100} onChange={setSteps} />
        <label className="lab-switch">
          <input type="checkbox" checked={log} onChange={(event) => setLog(event.currentTarget.checked)} />
          Log axis
        </label>
      </div>
      <LinePlot
        name="step-schedules"
        label={`Noise level against step for ${series.length} step schedules`}
        x={{ label: 'Step' }}
        y={{ label: 'Sigma', log }}
        series={series}
        main={main}
        first={[main, ...CLASSICS]}
        dots={steps <= 40}
      />
      <UseSchedule sampler={sampler} steps={steps} of={series.map(({ name }) => name)} />
      {refused.map(({ name, reason }) => (
        <p key={name} className="lab-note">
          {name} is not drawn. {reason}
        </p>
      ))}
    </LabCard>
  );
}

interface UseScheduleProps {
  sampler: SamplerId;
  steps: number;
  /** Labels of those that are drawn. */
  of: readonly string[];
}

/** Takes one of the schedules over to Paint, with the sampler and the steps that it is drawn for. */
function UseSchedule({ sampler, steps, of }: UseScheduleProps) {
  const [chosen, setChosen] = useState<StepScheduleId>('karras');
  const choices = FIELDS.schedule.choices.filter(({ label }) => of.includes(label));
  const schedule = choices.find(({ value }) => value === chosen) ?? choices[0];
  if (!schedule) return null;
  const use = () => {
    setField('sampler', sampler);
    changeSettings({ schedule: schedule.value, steps });
  };
  return (
    <div className="lab-controls">
      <div className="lab-choice">
        <span>Schedule</span>
        <GroupedSelect
          label="Schedule for Paint"
          value={schedule.value}
          choices={choices}
          onChange={(next) => setChosen(next)}
        />
      </div>
      <UseInPaint what={`${samplerEntry(sampler).label}, ${schedule.label}, ${steps} steps`} onUse={use} />
    </div>
  );
}
