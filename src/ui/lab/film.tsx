import { Fragment, useState } from 'react';
import type { Frame } from '../../store/jobs/step-recording';
import { texts } from '../../texts/lab';
import { PixelsCanvas } from '../components/pixels-canvas';
import { WholeNumber } from '../components/whole-number';
import { formatSignificant } from './format-significant';
import './film.css';

/** What is said of a picture's frames: a name and its value. */
type Fact = readonly [name: string, value: string | number];

interface FilmProps {
  /** One at least. */
  frames: readonly Frame[];
  /** The model works on pixels: what it is given is a picture. */
  ofPixels?: boolean;
  factsOf(frame: Frame): readonly Fact[];
}

/** A picture step by step: what the model was given, and what it made of it. */
export function Film({ frames, ofPixels = false, factsOf }: FilmProps) {
  // Follows the newest step until a person picks one.
  const [picked, setPicked] = useState<number>();
  const at = Math.min(picked ?? frames.length - 1, frames.length - 1);
  const pick = (next: number) => setPicked(next === frames.length - 1 ? undefined : next);
  return (
    <>
      <FramePair
        frame={frames[at]}
        of={frames[frames.length - 1].step}
        ofPixels={ofPixels}
        facts={factsOf(frames[at])}
      />
      <WholeNumber
        label={texts.frame}
        value={at + 1}
        min={1}
        max={Math.max(2, frames.length)}
        onChange={(next) => pick(next - 1)}
      />
      <FrameList frames={frames} at={at} onPick={pick} />
    </>
  );
}

interface FramePairProps {
  frame: Frame;
  of: number;
  ofPixels: boolean;
  facts: readonly Fact[];
}

/** One step, large: both of its pictures, and what they belong to. */
function FramePair({ frame, of, ofPixels, facts }: FramePairProps) {
  const given = ofPixels
    ? { label: texts.noisyPictureOfStep(frame.step), caption: texts.noisyPicture }
    : { label: texts.noisyLatentOfStep(frame.step), caption: texts.noisyLatent };
  return (
    <div className="film-pair">
      <figure>
        <PixelsCanvas image={frame.noisy} label={given.label} className="film-large" />
        <figcaption>{given.caption}</figcaption>
      </figure>
      <figure>
        <PixelsCanvas image={frame.denoised} label={texts.predictedPictureOfStep(frame.step)} className="film-large" />
        <figcaption>{texts.predictedPicture}</figcaption>
      </figure>
      <dl className="film-facts">
        <dt>{texts.step}</dt>
        <dd>{texts.stepOf(frame.step, of)}</dd>
        <dt>{texts.sigma}</dt>
        <dd>{formatSignificant(frame.sigma)}</dd>
        {facts.map(([name, value]) => (
          <Fragment key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </Fragment>
        ))}
      </dl>
    </div>
  );
}

interface FrameListProps {
  frames: readonly Frame[];
  /** The one that is shown large. */
  at: number;
  onPick(index: number): void;
}

/** All steps. It scrolls, so the keyboard must be able to reach it; the slider above picks a frame by keys. */
function FrameList({ frames, at, onPick }: FrameListProps) {
  return (
    <ol
      className="film"
      aria-label={texts.frames}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a list that scrolls is reached by Tab
      tabIndex={0}
    >
      {frames.map(({ step, noisy, denoised }, i) => (
        <li key={step}>
          <button
            type="button"
            className="film-frame"
            tabIndex={-1}
            aria-label={texts.frameNumber(i + 1, step)}
            aria-pressed={i === at}
            onClick={() => onPick(i)}
          >
            <PixelsCanvas image={noisy} />
            <PixelsCanvas image={denoised} />
            <span aria-hidden="true">{step}</span>
          </button>
        </li>
      ))}
    </ol>
  );
}
