import { useState } from 'react';
import { MAX_SEED } from '../../core/request/fields';
import { WALK_PICTURES } from '../../core/request/walk';
import { type Painting, paintingOf, useEngine } from '../../store/engine';
import { cancelPainting, paintWalk } from '../../store/jobs/paint';
import { firstProblem, useSettings } from '../../store/settings/settings';
import { Segments } from '../components/segments';
import { WholeNumber } from '../components/whole-number';
import { LabCard } from './lab-card';
import { WalkStrip } from './walk-strip';
import './walk-card.css';

const KINDS = { seeds: 'Two seeds', prompts: 'Two prompts' } as const;

/** Pictures between two seeds or two prompts, painted by the loaded model. */
export function WalkCard() {
  const [kind, setKind] = useState<keyof typeof KINDS>('seeds');
  const [seeds, setSeeds] = useState<readonly [number, number]>([1, 2]);
  const [typed, setTyped] = useState<readonly [string | undefined, string | undefined]>([undefined, undefined]);
  const [pictures, setPictures] = useState<number>(WALK_PICTURES.default);
  const values = useSettings((state) => state.values);
  const problem = useSettings((state) => firstProblem(state)?.reason);
  const examples = useEngine(({ model }) => model?.info.examples);
  const loaded = useEngine(({ model }) => model !== undefined);
  const painting = useEngine(({ status }) => paintingOf(status));
  const waiting = useEngine(({ queue }) => queue.some(({ job }) => job.kind === 'walk'));
  const prompts = [typed[0] ?? (values.prompt || examples?.[0] || ''), typed[1] ?? examples?.[1] ?? ''] as const;
  const running = painting?.job.kind === 'walk';
  const go = () => {
    // Nothing typed in Paint yet: the walk of seeds then leads through the first example.
    const words = { prompt: values.prompt || prompts[0] };
    if (kind === 'seeds') paintWalk({ ...words, seed: seeds[0] }, { seed: seeds[1] }, pictures);
    else paintWalk({ prompt: prompts[0], seed: seeds[0] }, { prompt: prompts[1] }, pictures);
  };
  return (
    <LabCard
      title="A walk between two pictures"
      description={aboutWalk(kind, values.prompt || prompts[0])}
      width="full"
    >
      <div className="lab-controls">
        <Segments label="Walk between" value={kind} choices={KINDS} onChange={(next) => setKind(next)} />
        <WalkEnds
          kind={kind}
          prompts={prompts}
          seeds={seeds}
          onPrompt={(i, value) => setTyped(typed.with(i, value) as [string, string])}
          onSeed={(i, seed) => setSeeds(seeds.with(i, seed) as [number, number])}
        />
        <WholeNumber
          label="Pictures"
          value={pictures}
          min={WALK_PICTURES.min}
          max={WALK_PICTURES.max}
          onChange={setPictures}
        />
        {running || waiting ? (
          <button type="button" className="button" onClick={({ detail }) => detail <= 1 && cancelPainting()}>
            {running ? walkText(painting) : 'Cancel · queued'}
          </button>
        ) : (
          <button type="button" className="button walk-go" disabled={!loaded || problem !== undefined} onClick={go}>
            Paint the walk
          </button>
        )}
      </div>
      {problem && <p className="lab-note">Fix the Paint settings first: {problem}</p>}
      <WalkStrip running={running} />
      <WalkNote />
    </LabCard>
  );
}

function WalkNote() {
  const values = useSettings((state) => state.values);
  return (
    <p className="lab-note">
      Sampler, steps, size and guidance are Paint’s: {values.steps} steps, {values.width} × {values.height}, CFG{' '}
      {values.cfgScale}. The pictures stay here until the next walk; download what is worth keeping.
    </p>
  );
}

function aboutWalk(kind: keyof typeof KINDS, words: string): string {
  return kind === 'seeds'
    ? `The words stay, the noise turns from one seed’s to the other’s along a great circle (slerp): “${words}”.`
    : 'The noise stays, the words’ embeddings move in a straight line (lerp) from one prompt to the other.';
}

interface WalkEndsProps {
  kind: keyof typeof KINDS;
  prompts: readonly [string, string];
  seeds: readonly [number, number];
  onPrompt(end: number, prompt: string): void;
  onSeed(end: number, seed: number): void;
}

/** Where the walk begins and ends. */
function WalkEnds({ kind, prompts, seeds, onPrompt, onSeed }: WalkEndsProps) {
  return (
    <>
      {kind === 'prompts' &&
        (['From', 'To'] as const).map((label, i) => (
          <label key={label} className="walk-prompt">
            {label}
            <input type="text" value={prompts[i]} onChange={({ currentTarget: { value } }) => onPrompt(i, value)} />
          </label>
        ))}
      {(kind === 'seeds' ? ['From seed', 'To seed'] : ['Seed']).map((label, i) => (
        <WholeNumber
          key={label}
          label={label}
          value={seeds[i]}
          min={0}
          max={MAX_SEED}
          sliderMax={100}
          onChange={(seed) => onSeed(i, seed)}
        />
      ))}
    </>
  );
}

function walkText({ cancelling, picture, pictures, step, of }: Painting): string {
  if (cancelling) return 'Cancelling · press again to stop the engine';
  return `Cancel · picture ${picture + 1} of ${pictures}, step ${step} of ${of}`;
}
