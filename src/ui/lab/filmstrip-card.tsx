import { useState } from 'react';
import type { GenerationRequest } from '../../core/request/request';
import { useEngine } from '../../store/engine';
import { paint } from '../../store/jobs/paint';
import { type Frame, useStepRecording } from '../../store/jobs/step-recording';
import { changeSettings, firstProblem, replaceSettings, useSettings } from '../../store/settings/settings';
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
    <LabCard
      title="The last picture, step by step"
      description="Top row: the noisy latent at each step, scaled as the model sees it. Bottom row: the picture the model predicted from it."
      width="wide"
    >
      {frame && request ? (
        <>
          <FramePair frame={frame} request={request} of={frames[frames.length - 1].step} />
          <WholeNumber
            label="Frame"
            value={at + 1}
            min={1}
            max={Math.max(2, frames.length)}
            onChange={(next) => pick(next - 1)}
          />
          <FrameList frames={frames} at={at} onPick={pick} />
          <div className="lab-controls">
            <UseInPaint what="the settings of this picture" onUse={() => replaceSettings(request)} />
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
        <PixelsCanvas image={frame.noisy} label={`Noisy latent of step ${frame.step}`} className="film-large" />
        <figcaption>Noisy latent</figcaption>
      </figure>
      <figure>
        <PixelsCanvas image={frame.denoised} label={`Predicted picture of step ${frame.step}`} className="film-large" />
        <figcaption>Predicted picture</figcaption>
      </figure>
      <dl className="film-facts">
        <dt>Step</dt>
        <dd>
          {frame.step} of {of}
        </dd>
        <dt>Sigma</dt>
        <dd>{formatSignificant(frame.sigma)}</dd>
        <dt>Prompt</dt>
        <dd>{frame.text || 'none'}</dd>
        <dt>Seed</dt>
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
      aria-label="Frames"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a list that scrolls is reached by Tab
      tabIndex={0}
    >
      {frames.map(({ step, noisy, denoised }, i) => (
        <li key={step}>
          <button
            type="button"
            className="film-frame"
            tabIndex={-1}
            aria-label={`Frame ${i + 1}, step ${step}`}
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
  if (loaded && !preview)
    return <p className="lab-empty">This model has no preview, so its steps cannot be shown as pictures.</p>;
  // An empty form would paint nothing in particular.
  const words = prompt || (example ?? '');
  return (
    <div className="lab-empty">
      <p>Paint a picture to see its steps here. {problem && `Paint cannot start: ${problem}`}</p>
      <button
        type="button"
        className="button"
        disabled={!loaded || busy || problem !== undefined}
        onClick={() => {
          changeSettings({ prompt: words });
          paint();
        }}
      >
        {busy ? 'Painting …' : `Paint “${words}”`}
      </button>
    </div>
  );
}
