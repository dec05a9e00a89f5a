import { useEngine } from '../../store/engine';
import { paint } from '../../store/jobs/paint';
import { useStepRecording } from '../../store/jobs/step-recording';
import { changeSettings, firstProblem, replaceSettings, useSettings } from '../../store/settings/settings';
import { texts } from '../../texts/lab';
import { Film } from './film';
import { LabCard } from './lab-card';
import { UseInPaint } from './use-in-paint';

/** The last picture step by step: what the model was given, and what it made of it. */
export function FilmstripCard() {
  const frames = useStepRecording((state) => state.frames);
  const request = useStepRecording((state) => state.request);
  return (
    <LabCard title={texts.lastPicture} description={texts.filmHelp} width="wide">
      {frames.length > 0 && request ? (
        <>
          <Film
            frames={frames}
            factsOf={({ text }) => [
              [texts.prompt, text || texts.none],
              [texts.seed, request.seed],
            ]}
          />
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
