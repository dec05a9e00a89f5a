import { useMemo, useState } from 'react';
import { SAMPLERS } from '../../core/diffusion/samplers/index';
import type { ConvergenceReport } from '../../core/diffusion/theory/convergence';
import { useSettings } from '../../store/settings/settings';
import { Segments } from '../components/segments';
import measured from './convergence.json';
import { LabCard } from './lab-card';
import { LinePlot } from './line-plot';

const report: ConvergenceReport = measured as ConvergenceReport;

const missing = Object.entries(SAMPLERS)
  .filter(([id]) => !report.samplers.some((row) => row.id === id))
  .map(([, { label }]) => label);

/** Beside Paint's own: one of each kind, so that each line can be followed. */
const CLASSICS = (['euler', 'euler_a', 'dpmpp_2m', 'ddim'] as const).map((id) => SAMPLERS[id].label);

const AXES = { steps: 'Steps', calls: 'Model calls' } as const;

/** Does the sampler matter? Measured, not computed: `npm run bench -- convergence`. */
export function ConvergenceCard() {
  const [against, setAgainst] = useState<keyof typeof AXES>('steps');
  const series = useMemo(
    () =>
      report.samplers.map(({ label, calls, distances }) => ({
        name: label,
        points: distances.map((distance, i) => [against === 'steps' ? report.steps[i] : calls[i], distance] as const),
      })),
    [against],
  );
  const sampler = useSettings(({ values }) => values.sampler);
  const { prompt, seeds, width, height, cfgScale, referenceSteps, model } = report;
  return (
    <LabCard
      title="Does the sampler matter?"
      description={`How far each sampler’s picture is from one of ${referenceSteps} steps, in levels of 0 to 255, root mean square. Measured on ${model}.`}
    >
      <div className="lab-controls">
        <Segments label="Against" value={against} choices={AXES} onChange={(next) => setAgainst(next)} />
      </div>
      <LinePlot
        name="convergence"
        label={`Distance of ${series.length} samplers’ pictures to one of ${referenceSteps} steps, against ${AXES[against].toLowerCase()}`}
        x={{ label: AXES[against] }}
        y={{ label: 'Distance', log: true }}
        series={series}
        first={[SAMPLERS[sampler].label, ...CLASSICS]}
        dots
      />
      <p className="lab-note">
        “{prompt}”, {width} × {height}, CFG {cfgScale}, {seeds.length} seeds, Karras where the sampler takes it.
        Samplers that add no noise are measured against DPM++ 2M, the others against themselves: fresh noise at each
        step makes another picture for each number of steps, and CFG++ guides once a step, so more steps guide more.
        {missing.length > 0 && ` Not measured: ${missing.join(', ')}.`}
      </p>
    </LabCard>
  );
}
