import { texts } from '../../texts/lab';
import { lineColour, lineDashes } from './colours';
import type { SeriesChoice } from './series-choice';
import './legend.css';

interface LegendProps {
  names: readonly string[];
  choice: SeriesChoice;
  /** The line that is drawn in long dashes. */
  dashed: string | undefined;
}

/** The lines of a plot by name: press to show or hide one, point to bring it out. */
export function Legend({ names, choice, dashed }: LegendProps) {
  const all = names.every(choice.isShown);
  return (
    <fieldset className="legend" aria-label={texts.lines}>
      {names.map((name, i) => (
        <button
          key={name}
          type="button"
          className="legend-line"
          aria-pressed={choice.isShown(name)}
          onClick={() => choice.toggle(name)}
          onPointerEnter={() => choice.point(name)}
          onPointerLeave={() => choice.point(undefined)}
          onFocus={() => choice.point(name)}
          onBlur={() => choice.point(undefined)}
        >
          <svg width="18" height="8" aria-hidden="true" style={{ color: lineColour(i, names.length) }}>
            <path
              d="M1 4H17"
              stroke="currentColor"
              strokeWidth="2.5"
              strokeDasharray={name === dashed ? '6 4' : lineDashes(i, names.length)}
            />
          </svg>
          {name}
        </button>
      ))}
      {names.length > 7 && (
        <button type="button" className="legend-all" onClick={all ? choice.hideAll : choice.showAll}>
          {all ? texts.hideAll : texts.showAll}
        </button>
      )}
    </fieldset>
  );
}
