import { useState } from 'react';
import type { GenerationRequest } from '../../core/request/request';
import { useEngine } from '../../store/engine';
import { paint } from '../../store/jobs/paint';
import { type Frame, useStepRecording } from '../../store/jobs/step-recording';
import { changeSettings, firstProblem, replaceSettings, useSettings } from '../../store/settings/settings';
import { texts } from '../../texts/lab';
import { PixelsCanvas } from '../components/pixels-canvas';
import { WholeNumber } from '../components/whole-number';
import { formatSignificant } from './format-significant';
import { LabCard } from './lab-card';
import { UseInPaint } from './use-in-paint';
import './filmstrip-card.css';

/** The last picture step by step: what the model was given, and what it made of it. */
export function FilmstripCard() {
  const frames = useStepRecording((state) => state.frames);
  const request = useStepRecording((state) => state.request);
  // Follows the newest step until a person picks one.
  const [picked, setPicked] = useState<number>();
  const at = Math.min(picked ?? frames.length - 1, frames.length - 1);
  const frame = frames[at];
  const pick = (next: number) => setPicked(next === frames.length - 1 ? undefined : next);
  return (
    <LabCard title={texts.lastPicture} description={texts.filmHelp} width="wide">
      {frame && request ? (
        <>
          <FramePair frame={frame} request={request} of={frames[frames.length - 1].step} />
          <WholeNumber
            label={texts.frame}
            value={at + 1}
            min={1}
            max={Math.max(2, frames.length)}
            onChange={(next) => pick(next - 1)}
          />
          <FrameList frames={frames} at={at} onPick={pick} />
          <div className="lab-controls">
            <UseInPaint what={texts.settingsOfPicture} onUse={() => replaceSettings(request)} />
          </div>
        </>
      ) : (
        <NoFilm />
      )}
    </LabCard>
  );
}

/** One step, large: both of its pictures, and what they belong to. */
function FramePair({ frame, request, of }: { frame: Frame; request: GenerationRequest; of: number }) {
  return (
    <div className="film-pair">
      <figure>
        <PixelsCanvas image={frame.noisy} label={texts.noisyLatentOfStep(frame.step)} className="film-large" />
        <figcaption>{texts.noisyLatent}</figcaption>
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
        <dt>{texts.prompt}</dt>
        <dd>{frame.text || texts.none}</dd>
        <dt>{texts.seed}</dt>
        <dd>{request.seed}</dd>
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

function NoFilm() {
  const preview = useEngine(({ model }) => model?.info.previewFactors !== undefined);
  const loaded = useEngine(({ model }) => model !== undefined);
  const busy = useEngine(({ status }) => status.kind === 'painting');
  const prompt = useSettings(({ values }) => values.prompt);
  const example = useEngine(({ model }) => model?.info.examples?.[0]);
  const problem = useSettings((state) => firstProblem(state)?.reason);
  if (loaded && !preview) return <p className="lab-empty">{texts.noPreview}</p>;
  // An empty form would paint nothing in particular.
  const words = prompt || (example ?? '');
  return (
    <div className="lab-empty">
      <p>
        {texts.paintToSeeSteps} {problem && texts.paintCannotStart(problem)}
      </p>
      <button
        type="button"
        className="button"
        disabled={!loaded || busy || problem !== undefined}
        onClick={() => {
          changeSettings({ prompt: words });
          paint();
        }}
      >
        {busy ? texts.painting : texts.paintPrompt(words)}
      </button>
    </div>
  );
}
