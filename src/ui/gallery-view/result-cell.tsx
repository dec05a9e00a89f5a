import { Check, Star } from 'lucide-react';
import { type MouseEvent, memo } from 'react';
import { favourResults } from '../../store/gallery/result-index';
import { texts as gallery } from '../../texts/gallery';
import { texts } from '../../texts/gallery-view';
import { subjectText } from '../components/subject-text';
import { UnsavedMark } from '../gallery/unsaved-mark';
import { useResult } from '../gallery/use-result';

interface ResultCellProps {
  id: string;
  isChosen: boolean;
  /** Whether Tab comes to it; arrows lead to the others. */
  isTabStop: boolean;
  /** Counts from 1. */
  column: number;
  /** A click on the picture, and on the mark that chooses it. */
  onPress(id: string, event: MouseEvent): void;
  onMark(id: string, event: MouseEvent): void;
  onOpen(id: string): void;
}

/** Buttons in a cell are for the mouse and fingers: keys do the same, and the focus stays on the cell. */
const keepFocus = (event: MouseEvent) => event.preventDefault();

/** A result in the grid: it is read when it comes into sight. */
export const ResultCell = memo(function ResultCell(props: ResultCellProps) {
  const { id, isChosen, isTabStop, column, onPress, onMark, onOpen } = props;
  const result = useResult(id);
  const favourite = result?.record.favourite === true;
  const name = result ? gallery.pictureOf(result.record.number, subjectText(result.record.request)) : texts.picture;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid takes the keys
    <td
      // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: WAI-ARIA's grid is a table that takes keys
      role="gridcell"
      className="grid-cell"
      data-result={id}
      tabIndex={isTabStop ? 0 : -1}
      aria-selected={isChosen}
      aria-colindex={column}
      aria-label={favourite ? texts.favouriteOf(name) : name}
      onClick={(event) => onPress(id, event)}
      onDoubleClick={() => onOpen(id)}
    >
      {result && <img src={result.thumbnail} alt="" decoding="async" draggable={false} />}
      {result?.saved === false && <UnsavedMark />}
      <button
        type="button"
        className="grid-mark"
        tabIndex={-1}
        aria-label={texts.selectPicture}
        aria-pressed={isChosen}
        onMouseDown={keepFocus}
        onClick={(event) => onMark(id, event)}
        onDoubleClick={(event) => event.stopPropagation()}
      >
        <Check size={14} aria-hidden="true" />
      </button>
      <button
        type="button"
        className="grid-star"
        tabIndex={-1}
        aria-label={favourite ? texts.removeFavourite : texts.addFavourite}
        aria-pressed={favourite}
        onMouseDown={keepFocus}
        onClick={(event) => {
          event.stopPropagation();
          void favourResults([id], !favourite);
        }}
        onDoubleClick={(event) => event.stopPropagation()}
      >
        <Star size={16} aria-hidden="true" />
      </button>
    </td>
  );
});
