import { type Loading, useEngine } from '../../store/engine';
import { ExamplePrompts } from '../settings/example-prompts';
import './welcome.css';

/** Before the first picture: what this is, how far the model is, and prompts to begin with. */
export function Welcome() {
  const status = useEngine((state) => state.status);
  const model = useEngine((state) => state.model);
  return (
    <div className="welcome">
      <h2>What would you like to paint?</h2>
      <p>Everything runs on this device. Nothing is uploaded.</p>
      {status.kind === 'loading' ? (
        <p className="welcome-loading">{loadingText(status.loading)}</p>
      ) : (
        model && (
          <>
            {model.info.summary && <p>{model.info.summary}</p>}
            <ExamplePrompts />
            <p className="welcome-own">
              To use a model of your own, drop its folder on the page, or open it from the menu above.
            </p>
          </>
        )
      )}
    </div>
  );
}

function loadingText({ name, stage, loadedBytes, totalBytes }: Loading): string {
  const megabytes = (bytes: number) => (bytes / 1e6).toFixed(0);
  if (stage === 'download' && totalBytes > 0)
    return `Loading ${name}: ${megabytes(loadedBytes)} of ${megabytes(totalBytes)} MB`;
  return stage === 'create-sessions' ? `Preparing ${name} for this device` : `Reading ${name}`;
}
