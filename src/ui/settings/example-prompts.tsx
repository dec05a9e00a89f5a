import { useEngine } from '../../store/engine';
import { isStarter, knownInfo, STARTER_SHEETS } from '../../store/library/starter';
import { changeSettings } from '../../store/settings/settings';
import { texts } from '../../texts/settings';
import { SheetTile } from '../components/sheet-tile';
import './example-prompts.css';

const NONE: readonly string[] = [];

/**
 * Prompts that the open model paints well, or the one that is on its way; a click fills the box.
 * @param pictured whether what it makes of them is shown, where there are pictures of that
 * @param onPick what else a click does
 */
export function ExamplePrompts({ pictured = false, onPick }: { pictured?: boolean; onPick?(): void }) {
  const examples = useEngine((state) => knownInfo(state)?.examples ?? NONE);
  const sheet = useEngine((state) => (pictured && isStarter(state) ? STARTER_SHEETS.examples : undefined));
  if (examples.length === 0) return null;
  return (
    <ul className="examples" aria-label={texts.examplePrompts} data-pictured={sheet && ''}>
      {examples.map((prompt, i) => (
        <li key={prompt}>
          <button
            type="button"
            className="example"
            onClick={() => {
              changeSettings({ prompt });
              onPick?.();
            }}
          >
            {sheet && <SheetTile sheet={sheet} tile={i} />}
            <span>{prompt}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}
