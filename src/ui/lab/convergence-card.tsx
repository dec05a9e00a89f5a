import { useMemo, useState } from 'react';
import { SAMPLERS, type SamplerId } from '../../core/diffusion/samplers/index';
import type { ConvergenceReport } from '../../core/diffusion/theory/convergence';
import { setField, useSettings } from '../../store/settings/settings';
import { FIELDS, labelOfChoice } from '../../texts/fields';
import { texts } from '../../texts/lab';
import { GroupedSelect } from '../components/grouped-select';
import { Segments } from '../components/segments';
import measured from './convergence.json';
import { LabCard } from './lab-card';
import { LinePlot } from './line-plot';
import { UseInPaint } from './use-in-paint';

const report: ConvergenceReport = measured as ConvergenceReport;

const missing = Object.entries(SAMPLERS)
  .filter(([id]) => !report.samplers.some((row) => row.id === id))
  .map(([id]) => labelOfChoice('sampler', id));

/** Beside Paint's own: one of each kind, so that each line can be followed. */
const CLASSICS = (['euler', 'euler_a', 'dpmpp_2m', 'ddim'] as const).map((id) => labelOfChoice('sampler', id));

const AXES = { steps: texts.steps, calls: texts.modelCalls } as const;
const AGAINST = { steps: texts.distanceBySteps, calls: texts.distanceByCalls } as const;

/** Takes one of the measured samplers over to Paint, its schedule left to what suits it. */
function UseSampler() {
  const [chosen, setChosen] = useState<SamplerId>('dpmpp_2m');
  const choices = FIELDS.sampler.choices.filter(({ value }) => report.samplers.some(({ id }) => id === value));
  return (
    <div className="lab-controls">
      <div className="lab-choice">
        <span>{texts.sampler}</span>
        <GroupedSelect
          label={texts.samplerForPaint}
          value={chosen}
          choices={choices}
          onChange={(next) => setChosen(next)}
        />
      </div>
      <UseInPaint what={labelOfChoice('sampler', chosen)} onUse={() => setField('sampler', chosen)} />
    </div>
  );
}

/** Does the sampler matter? Measured, not computed: `npm run bench -- convergence`. */
export function ConvergenceCard() {
  const [against, setAgainst] = useState<keyof typeof AXES>('steps');
  const series = useMemo(
    () =>
      report.samplers.map(({ id, calls, distances }) => ({
        name: labelOfChoice('sampler', id),
        points: distances.map((distance, i) => [against === 'steps' ? report.steps[i] : calls[i], distance] as const),
      })),
    [against],
  );
  const sampler = useSettings(({ values }) => values.sampler);
  const { prompt, seeds, width, height, cfgScale, referenceSteps, model } = report;
  return (
    <LabCard title={texts.doesTheSamplerMatter} description={texts.convergenceHelp(referenceSteps, model)}>
      <div className="lab-controls">
        <Segments label={texts.against} value={against} choices={AXES} onChange={(next) => setAgainst(next)} />
      </div>
      <LinePlot
        name="convergence"
        label={AGAINST[against](series.length, referenceSteps)}
        x={{ label: AXES[against] }}
        y={{ label: texts.distance, log: true }}
        series={series}
        first={[labelOfChoice('sampler', sampler), ...CLASSICS]}
        dots
      />
      <UseSampler />
      <p className="lab-note">
        {texts.measuredWith({ prompt, width, height, cfgScale, seeds: seeds.length })}
        {missing.length > 0 && ` ${texts.notMeasured(missing)}`}
      </p>
    </LabCard>
  );
}
