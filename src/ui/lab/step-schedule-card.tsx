import { useMemo, useState } from 'react';
import { resolveSchedule } from '../../core/diffusion/plan-steps';
import { type SamplerId, samplerEntry } from '../../core/diffusion/samplers/index';
import type { StepScheduleId } from '../../core/diffusion/step-schedules/index';
import { changeSettings, setField, useSettings } from '../../store/settings/settings';
import { FIELDS, labelOfChoice } from '../../texts/fields';
import { texts } from '../../texts/lab';
import { GroupedSelect } from '../components/grouped-select';
import { WholeNumber } from '../components/whole-number';
import { LabCard } from './lab-card';
import { LinePlot } from './line-plot';
import { useScheduleConfig } from './schedule-config';
import { stepSigmas } from './step-sigmas';
import { UseInPaint } from './use-in-paint';

/** Beside Paint's own: those that everyone knows, so that each line can be followed. */
const CLASSICS = (['normal', 'karras', 'exponential', 'sgm_uniform'] as const).map((id) =>
  labelOfChoice('schedule', id),
);

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
  const main = labelOfChoice('schedule', ends ? 'automatic' : resolveSchedule(sampler, requested.schedule, config));
  return (
    <LabCard title={texts.stepSchedules} description={texts.stepSchedulesHelp(steps, main)}>
      <div className="lab-controls">
        <div className="lab-choice">
          <span>{texts.sampler}</span>
          <GroupedSelect
            label={texts.samplerOfSchedules}
            value={sampler}
            choices={FIELDS.sampler.choices}
            onChange={(next) => setChosen(next)}
          />
        </div>
        <WholeNumber label={texts.steps} value={steps} min={1} max={100} onChange={setSteps} />
        <label className="lab-switch">
          <input type="checkbox" checked={log} onChange={(event) => setLog(event.currentTarget.checked)} />
          {texts.logAxis}
        </label>
      </div>
      <LinePlot
        name="step-schedules"
        label={texts.stepSchedulesLabel(series.length)}
        x={{ label: texts.step }}
        y={{ label: texts.sigma, log }}
        series={series}
        main={main}
        first={[main, ...CLASSICS]}
        dots={steps <= 40}
      />
      <UseSchedule sampler={sampler} steps={steps} of={series.map(({ name }) => name)} />
      {refused.map(({ name, reason }) => (
        <p key={name} className="lab-note">
          {texts.notDrawn(name, reason)}
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
        <span>{texts.schedule}</span>
        <GroupedSelect
          label={texts.scheduleForPaint}
          value={schedule.value}
          choices={choices}
          onChange={(next) => setChosen(next)}
        />
      </div>
      <UseInPaint what={texts.setup(labelOfChoice('sampler', sampler), schedule.label, steps)} onUse={use} />
    </div>
  );
}
