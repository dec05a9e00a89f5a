import { useEngine } from '../../store/engine';
import { changeSettings } from '../../store/settings';
import './welcome.css';

/** Before the first picture: what this is, how far the model is, and prompts to begin with. */
export function Welcome() {
  const status = useEngine((state) => state.status);
  const model = useEngine((state) => state.model);
  const examples = model?.info.examples ?? [];
  return (
    <div className="welcome">
      <h2>What shall we paint?</h2>
      <p>Everything runs on this device. Nothing is uploaded.</p>
      {status.kind === 'loading' ? (
        <p className="welcome-loading">{loadingText(status.loading)}</p>
      ) : (
        model && (
          <>
            {model.info.summary && <p>{model.info.summary}</p>}
            <ul className="welcome-examples" aria-label="Example prompts">
              {examples.map((example) => (
                <li key={example}>
                  <button type="button" className="welcome-example" onClick={() => changeSettings({ prompt: example })}>
                    {example}
                  </button>
                </li>
              ))}
            </ul>
            <p className="welcome-own">
              To use a model of your own, drop its folder on the page, or open it from the menu above.
            </p>
          </>
        )
      )}
    </div>
  );
}

function loadingText({
  name,
  stage,
  loadedBytes,
  totalBytes,
}: {
  name: string;
  stage: string;
  loadedBytes: number;
  totalBytes: number;
}): string {
  const megabytes = (bytes: number) => (bytes / 1e6).toFixed(0);
  if (stage === 'download' && totalBytes > 0)
    return `Loading ${name}: ${megabytes(loadedBytes)} of ${megabytes(totalBytes)} MB`;
  return stage === 'create-sessions' ? `Preparing ${name} for this device` : `Reading ${name}`;
}
