import { useEngine } from '../../store/engine';
import { changeSettings } from '../../store/settings/settings';
import './example-prompts.css';

const NONE: readonly string[] = [];

/** Prompts that the open model paints well; a click fills the box. @param onPick what else a click does */
export function ExamplePrompts({ onPick }: { onPick?(): void }) {
  const examples = useEngine(({ model }) => model?.info.examples ?? NONE);
  if (examples.length === 0) return null;
  return (
    <ul className="examples" aria-label="Example prompts">
      {examples.map((prompt) => (
        <li key={prompt}>
          <button
            type="button"
            className="example"
            onClick={() => {
              changeSettings({ prompt });
              onPick?.();
            }}
          >
            {prompt}
          </button>
        </li>
      ))}
    </ul>
  );
}
