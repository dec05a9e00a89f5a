import { useState } from 'react';
import { MAX_SEED } from '../../core/request/fields';
import { useEngine } from '../../store/engine';
import { chainOf, useChains, type Way } from '../../store/jobs/chains';
import { EMBLEMS_ID, EMBLEMS_RECORD } from '../../store/library/emblems';
import { openNew } from '../../store/library/open-entry';
import { labelOfChoice } from '../../texts/fields';
import { texts } from '../../texts/lab';
import { showView } from '../app/show-view';
import { WholeNumber } from '../components/whole-number';
import { NamedClass } from '../settings/class-picker';
import { BoundPlot } from './bound-plot';
import { ChainButton } from './chain-button';
import { ChainTable } from './chain-table';
import measured from './emblems.json';
import { Film } from './film';
import { LabCard } from './lab-card';
import './theory-card.css';

const MILLIONS = (measured.parameters / 1e6).toFixed(1);
const SIDE = 32;

/** A diffusion model as it was published first, small enough to look into: its chain, its samplers, its likelihood. */
export function TheoryCard() {
  const names = useEngine(({ model }) => (model?.id === EMBLEMS_ID ? model.info.classNames : undefined));
  const [classLabel, setClass] = useState(0);
  return (
    <LabCard title={texts.theTheory} description={texts.theoryHelp(MILLIONS, SIDE)} width="full">
      {names ? <Chains names={names} classLabel={classLabel} onClass={setClass} /> : <OpenExample />}
      <BoundPlot open={names && { label: classLabel, name: names[classLabel] }} />
    </LabCard>
  );
}

/** The example is fetched when somebody asks for it. */
function OpenExample() {
  const opening = useEngine(({ status }) => status.kind === 'loading' && status.loading.id === EMBLEMS_ID);
  return (
    <div className="lab-empty">
      <p>{texts.exampleComes}</p>
      <button type="button" className="button" disabled={opening} onClick={() => void openNew(EMBLEMS_RECORD)}>
        {opening ? texts.openingTheExample : texts.openTheExample}
      </button>
    </div>
  );
}

interface ChainsProps {
  names: readonly string[];
  classLabel: number;
  onClass(label: number): void;
}

/** What is painted, by which ways, and the one that is looked at. */
function Chains({ names, classLabel, onClass }: ChainsProps) {
  const [seed, setSeed] = useState(1);
  const [shown, setShown] = useState<Way>();
  const start = { classLabel, seed };
  return (
    <>
      <div className="lab-controls">
        <div className="theory-class">
          <NamedClass names={names} value={classLabel} onChange={onClass} />
        </div>
        <WholeNumber label={texts.seed} value={seed} min={0} max={MAX_SEED} sliderMax={100} onChange={setSeed} />
        <ChainButton start={start} />
        <button type="button" className="button" onClick={() => showView('paint')}>
          {texts.openInPaint}
        </button>
      </div>
      <ChainTable start={start} shown={shown} onShow={setShown} />
      <p className="lab-note">
        {texts.namedRightNote({
          pictures: measured.pictures,
          trained: measured.real.trainedOn,
          heldOut: measured.real.heldOut,
        })}
      </p>
      <ShownChain way={shown} names={names} />
    </>
  );
}

/** The way that was picked, else the newest. */
function ShownChain({ way, names }: { way: Way | undefined; names: readonly string[] }) {
  const chain = useChains((state) => (way && chainOf(way, state)) ?? state.chains.at(-1));
  if (!chain || chain.frames.length === 0) return null;
  const { sampler, steps, request } = chain;
  return (
    <Film
      frames={chain.frames}
      ofPixels
      factsOf={() => [
        [texts.sampler, texts.setupWithout(labelOfChoice('sampler', sampler), steps)],
        [texts.class, names[request.classLabel ?? 0]],
        [texts.seed, request.seed],
      ]}
    />
  );
}
