import { useMemo, useState } from 'react';
import type { SamplerId } from '../../core/diffusion/samplers/index';
import type { StepScheduleId } from '../../core/diffusion/step-schedules/index';
import { FOUR_CLOUDS, nearestComponent, type Trajectories } from '../../core/diffusion/theory/trajectories';
import { schedulesOf } from '../../core/request/request';
import { changeSettings, setField } from '../../store/settings/settings';
import { FIELDS, labelOfChoice } from '../../texts/fields';
import { texts } from '../../texts/lab';
import { GroupedSelect } from '../components/grouped-select';
import { WholeNumber } from '../components/whole-number';
import { formatSignificant } from './format-significant';
import { LabCard } from './lab-card';
import { useScheduleConfig } from './schedule-config';
import { TrajectoryPlot } from './trajectory-plot';
import { UseInPaint } from './use-in-paint';
import { useTrajectories } from './use-trajectories';
import './trajectories-card.css';

/** Two samplers on the same noise, with a denoiser that makes no mistakes. */
export function TrajectoriesCard() {
  const [samplers, setSamplers] = useState<readonly [SamplerId, SamplerId]>(['euler', 'euler_a']);
  const [schedule, setSchedule] = useState<StepScheduleId>('karras');
  const [steps, setSteps] = useState(12);
  const [points, setPoints] = useState(40);
  const [seed, setSeed] = useState(1);
  const config = useScheduleConfig();
  const shared = useMemo(
    () => ({ schedule, steps, points, seed, config, mixture: FOUR_CLOUDS }),
    [schedule, steps, points, seed, config],
  );
  const [left, right] = samplers;
  const a = useTrajectories(useMemo(() => ({ ...shared, sampler: left }), [shared, left]));
  const b = useTrajectories(useMemo(() => ({ ...shared, sampler: right }), [shared, right]));
  const sides = [
    { id: 'left', sampler: left, result: a, choose: (next: SamplerId) => setSamplers([next, right]) },
    { id: 'right', sampler: right, result: b, choose: (next: SamplerId) => setSamplers([left, next]) },
  ] as const;
  return (
    <LabCard title={texts.twoSamplersOneNoise} description={texts.trajectoriesHelp} width="wide">
      <div className="lab-controls">
        <div className="lab-choice">
          <span>{texts.schedule}</span>
          <GroupedSelect
            label={texts.scheduleOfTrajectories}
            value={schedule}
            choices={FIELDS.schedule.choices}
            onChange={(next) => setSchedule(next)}
          />
        </div>
        <WholeNumber label={texts.steps} value={steps} min={1} max={100} onChange={setSteps} />
        <WholeNumber label={texts.points} value={points} min={1} max={200} onChange={setPoints} />
        <WholeNumber label={texts.seed} value={seed} min={0} max={999} onChange={setSeed} />
      </div>
      <div className="trajectories">
        {sides.map((side) => (
          <Side key={side.id} {...side} schedule={schedule} points={points} steps={steps} />
        ))}
      </div>
      {a.trajectories && b.trajectories && <p className="lab-note">{comparison(a.trajectories, b.trajectories)}</p>}
    </LabCard>
  );
}

interface SideProps {
  id: 'left' | 'right';
  sampler: SamplerId;
  result: ReturnType<typeof useTrajectories>;
  choose(next: SamplerId): void;
  schedule: StepScheduleId;
  points: number;
  steps: number;
}

/** One of the samplers, and where it takes the points. */
function Side({ id, sampler, result, choose, schedule, points, steps }: SideProps) {
  const label = labelOfChoice('sampler', sampler);
  const takes = schedulesOf(sampler).includes(schedule);
  return (
    <div className="trajectory">
      <div className="trajectory-sampler">
        <GroupedSelect
          label={id === 'left' ? texts.firstSampler : texts.secondSampler}
          value={sampler}
          choices={FIELDS.sampler.choices}
          onChange={choose}
        />
        <UseInPaint
          what={
            takes ? texts.setup(label, labelOfChoice('schedule', schedule), steps) : texts.setupWithout(label, steps)
          }
          onUse={() => {
            setField('sampler', sampler);
            changeSettings(takes ? { schedule, steps } : { steps });
          }}
        />
      </div>
      {result.trajectories && (
        <TrajectoryPlot
          name={`trajectories-${id}`}
          label={texts.trajectoriesLabel(points, label, steps)}
          trajectories={result.trajectories}
        />
      )}
      {result.reason && <p className="lab-note">{result.reason}</p>}
    </div>
  );
}

/** How far apart the two samplers' ends are, in words. */
function comparison(a: Trajectories, b: Trajectories): string {
  const ends = ({ paths }: Trajectories) => paths.map((path) => path[path.length - 1]);
  const pairs = ends(a).map((end, i) => [end, ends(b)[i]] as const);
  if (pairs.some(([, end]) => end === undefined)) return '';
  const apart = pairs.reduce((sum, [p, q]) => sum + Math.hypot(p[0] - q[0], p[1] - q[1]), 0) / pairs.length;
  const moved = pairs.filter(([p, q]) => nearestComponent(p, FOUR_CLOUDS) !== nearestComponent(q, FOUR_CLOUDS)).length;
  return texts.endsApart(moved, pairs.length, formatSignificant(apart));
}
