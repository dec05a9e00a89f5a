import { useState } from 'react';
import { MAX_SEED } from '../../core/request/fields';
import { WALK_PICTURES } from '../../core/request/walk';
import { isMoreToCome } from '../../jobs/queue';
import { useEngine } from '../../store/engine';
import { cancelJob, cancelPainting } from '../../store/jobs/cancel';
import { type Painting, useJobs } from '../../store/jobs/jobs';
import { paintWalk } from '../../store/jobs/paint';
import { firstProblem, useSettings } from '../../store/settings/settings';
import { texts } from '../../texts/lab';
import { Segments } from '../components/segments';
import { WholeNumber } from '../components/whole-number';
import { LabCard } from './lab-card';
import { WalkStrip } from './walk-strip';
import './walk-card.css';

const KINDS = { seeds: texts.twoSeeds, prompts: texts.twoPrompts } as const;

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
  const running = useJobs(({ painting }) => painting?.job.sink === 'walk');
  const prompts = [typed[0] ?? (values.prompt || examples?.[0] || ''), typed[1] ?? examples?.[1] ?? ''] as const;
  const go = () => {
    // Nothing typed in Paint yet: the walk of seeds then leads through the first example.
    const words = { prompt: values.prompt || prompts[0] };
    if (kind === 'seeds') paintWalk({ ...words, seed: seeds[0] }, { seed: seeds[1] }, pictures);
    else paintWalk({ prompt: prompts[0], seed: seeds[0] }, { prompt: prompts[1] }, pictures);
  };
  return (
    <LabCard title={texts.walkTitle} description={aboutWalk(kind, values.prompt || prompts[0])} width="full">
      <div className="lab-controls">
        <Segments label={texts.walkBetween} value={kind} choices={KINDS} onChange={(next) => setKind(next)} />
        <WalkEnds
          kind={kind}
          prompts={prompts}
          seeds={seeds}
          onPrompt={(i, value) => setTyped(typed.with(i, value) as [string, string])}
          onSeed={(i, seed) => setSeeds(seeds.with(i, seed) as [number, number])}
        />
        <WholeNumber
          label={texts.pictures}
          value={pictures}
          min={WALK_PICTURES.min}
          max={WALK_PICTURES.max}
          onChange={setPictures}
        />
        <WalkButton disabled={!loaded || problem !== undefined} onGo={go} />
      </div>
      {problem && <p className="lab-note">{texts.fixSettings(problem)}</p>}
      <WalkStrip running={running} />
      <WalkNote />
    </LabCard>
  );
}

function WalkNote() {
  const values = useSettings((state) => state.values);
  return <p className="lab-note">{texts.walkNote(values)}</p>;
}

function aboutWalk(kind: keyof typeof KINDS, words: string): string {
  return kind === 'seeds' ? texts.seedsWalkHelp(words) : texts.promptsWalkHelp;
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
        ([texts.from, texts.to] as const).map((label, i) => (
          <label key={label} className="walk-prompt">
            {label}
            <input type="text" value={prompts[i]} onChange={({ currentTarget: { value } }) => onPrompt(i, value)} />
          </label>
        ))}
      {(kind === 'seeds' ? [texts.fromSeed, texts.toSeed] : [texts.seed]).map((label, i) => (
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

/** Paints the walk, and cancels it as one while it waits or is painted. */
function WalkButton({ disabled, onGo }: { disabled: boolean; onGo(): void }) {
  const painting = useJobs((state) => (state.painting?.job.sink === 'walk' ? state.painting : undefined));
  const cancelling = useJobs(({ running }) => running?.skipped ?? false);
  const left = useJobs(isMoreToCome);
  const waiting = useJobs(({ waiting }) => waiting.find(({ parent }) => parent.sink === 'walk')?.parent.id);
  const id = painting?.job.parent ?? waiting;
  if (id === undefined)
    return (
      <button type="button" className="button walk-go" disabled={disabled} onClick={onGo}>
        {texts.paintTheWalk}
      </button>
    );
  const isEnding = painting !== undefined && cancelling;
  return (
    <button
      type="button"
      className="button"
      // While its picture does not end, the wish is as anywhere.
      onClick={({ detail }) => detail <= 1 && (isEnding ? cancelPainting() : cancelJob(id))}
    >
      {isEnding
        ? left
          ? texts.cancellingPart
          : texts.cancellingAll
        : painting
          ? walkText(painting)
          : texts.cancelQueued}
    </button>
  );
}

function walkText({ picture, pictures, step, of }: Painting): string {
  return texts.cancelWalk(picture + 1, pictures, step, of);
}
