import { type Loading, useEngine } from '../../store/engine';
import { spokenDuration } from '../../store/jobs/time-left';
import { knownInfo } from '../../store/library/starter';
import { texts } from '../../texts/stage';
import { ExamplePrompts } from '../settings/example-prompts';
import './welcome.css';

/** Before the first picture: what this is, pictures and prompts to begin with, and how far the model is. */
export function Welcome() {
  const loading = useEngine(({ status }) => (status.kind === 'loading' ? status.loading : undefined));
  const info = useEngine(knownInfo);
  return (
    <div className="welcome">
      <h2>{texts.whatToPaint}</h2>
      <p>{texts.everythingIsLocal}</p>
      {info?.summary && <p className="welcome-summary">{info.summary}</p>}
      <ExamplePrompts pictured />
      <p className="welcome-loading">{loading && loadingText(loading)}</p>
      <p className="welcome-own">{texts.ownModel}</p>
    </div>
  );
}

function loadingText({ name, stage, loadedBytes, totalBytes, leftMs }: Loading): string {
  const megabytes = (bytes: number) => (bytes / 1e6).toFixed(0);
  if (stage === 'download' && totalBytes > 0) {
    const loaded = texts.loading(name, megabytes(loadedBytes), megabytes(totalBytes));
    return leftMs === undefined || leftMs < SHORT_MS ? loaded : texts.withTimeLeft(loaded, spokenDuration(leftMs));
  }
  return stage === 'create-sessions' ? texts.preparing(name) : texts.reading(name);
}

/** Less than this is over before it is read. */
const SHORT_MS = 3000;
