import { type Loading, useEngine } from '../../store/engine';
import { spokenDuration } from '../../store/jobs/time-left';
import { knownInfo } from '../../store/library/starter';
import { ExamplePrompts } from '../settings/example-prompts';
import './welcome.css';

/** Before the first picture: what this is, pictures and prompts to begin with, and how far the model is. */
export function Welcome() {
  const loading = useEngine(({ status }) => (status.kind === 'loading' ? status.loading : undefined));
  const info = useEngine(knownInfo);
  return (
    <div className="welcome">
      <h2>What would you like to paint?</h2>
      <p>Everything runs on this device. Nothing is uploaded.</p>
      {info?.summary && <p>{info.summary}</p>}
      <ExamplePrompts pictured />
      <p className="welcome-loading">{loading && loadingText(loading)}</p>
      <p className="welcome-own">
        To use a model of your own, drop its folder on the page, or open it from the menu above.
      </p>
    </div>
  );
}

function loadingText({ name, stage, loadedBytes, totalBytes, leftMs }: Loading): string {
  const megabytes = (bytes: number) => (bytes / 1e6).toFixed(0);
  if (stage === 'download' && totalBytes > 0) {
    const left = leftMs === undefined || leftMs < SHORT_MS ? '' : `, about ${spokenDuration(leftMs)} left`;
    return `Loading ${name}: ${megabytes(loadedBytes)} of ${megabytes(totalBytes)} MB${left}`;
  }
  return stage === 'create-sessions' ? `Preparing ${name} for this device` : `Reading ${name}`;
}

/** Less than this is over before it is read. */
const SHORT_MS = 3000;
