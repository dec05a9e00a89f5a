import { X } from 'lucide-react';
import { chooseStyle, useStyles } from '../../store/lists/styles';
import { texts } from '../../texts/studio';
import './styles-sheet.css';

/** The styles that come to every prompt, each to take off. */
export function ChosenStyles() {
  const chosen = useStyles((state) => state.chosen);
  if (chosen.length === 0) return null;
  return (
    <ul className="styles-chosen" aria-label={texts.styles}>
      {chosen.map((name) => (
        <li key={name}>
          <button type="button" aria-label={texts.withoutStyle(name)} onClick={() => chooseStyle(name, false)}>
            {name}
            <X size={12} aria-hidden="true" />
          </button>
        </li>
      ))}
    </ul>
  );
}
