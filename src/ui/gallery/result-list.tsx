import { memo, type RefObject, useMemo, useRef } from 'react';
import { type Result, showResult, useGallery } from '../../store/gallery/gallery';
import { dragResult } from '../../store/imports/drop';
import { texts } from '../../texts/gallery';
import { showView } from '../app/show-view';
import { subjectText } from '../components/subject-text';
import { useNarrow } from '../components/use-narrow';
import { useWidth } from '../components/use-width';
import { UnsavedMark } from './unsaved-mark';
import { useResult } from './use-result';
import { useRowsInSight } from './use-rows-in-sight';
import { useWalkedResults } from './use-walked-results';

/** As in result-strip.css; change both together. */
const GAP_PX = 8;
const LEAST_WIDTH_PX = 96;
const SIDEWAYS_WIDTH_PX = 72;

interface ResultListProps {
  /** What scrolls it. */
  scroller: RefObject<HTMLElement | null>;
  /** The result that is marked as the one on the stage. */
  chosen: string | undefined;
}

/** The results, newest first: as many as are in sight are on the page, in the place that they have among all. */
export function ResultList({ scroller, chosen }: ResultListProps) {
  const ids = useGallery((state) => state.ids);
  const results = useGallery((state) => state.results);
  const sideways = useNarrow();
  const list = useRef<HTMLDivElement>(null);
  const width = useWidth(list);
  const columns = sideways ? 1 : Math.max(1, Math.floor((width + GAP_PX) / (LEAST_WIDTH_PX + GAP_PX)));
  const column = sideways ? SIDEWAYS_WIDTH_PX : (width - GAP_PX * (columns - 1)) / columns;
  const starts = useMemo(() => {
    const lengthOf = (row: readonly string[]) =>
      GAP_PX + (sideways ? column : Math.max(...row.map((id) => column * heightOf(results[id]))));
    return startsOf(ids, columns, lengthOf);
  }, [ids, results, sideways, columns, column]);
  const [first, behind] = useRowsInSight({ scroller, list, sideways, starts });
  const onSeek = (place: number) => {
    const start = starts[Math.floor(place / columns)];
    scroller.current?.scrollTo(sideways ? { left: start } : { top: start });
  };
  const { left, handlers } = useWalkedResults({ ids, results, list, onSeek, count: ids.length, columns });
  const inSight = ids.slice(first * columns, behind * columns);
  // One stop of Tab for all of them: the one that was left last, or the one on the stage.
  const tabStop = [left, chosen].find((id) => id !== undefined && inSight.includes(id)) ?? inSight[0];
  return (
    <div className="strip-rows" ref={list} data-takes-keys="" {...handlers}>
      <Space px={starts[first]} sideways={sideways} />
      <ul className="strip-list">
        {inSight.map((id, at) => (
          <ResultItem
            key={id}
            id={id}
            isChosen={id === chosen}
            isTabStop={id === tabStop}
            place={first * columns + at + 1}
            of={ids.length}
          />
        ))}
      </ul>
      <Space px={starts[starts.length - 1] - starts[behind]} sideways={sideways} />
    </div>
  );
}

/** A result's height for its width; of those that were not read yet, most are squares. */
const heightOf = (result: Result | undefined) => (result ? result.record.height / result.record.width : 1);

/** Where rows of so many begin, and the last one ends. */
function startsOf<T>(items: readonly T[], columns: number, lengthOf: (row: readonly T[]) => number): number[] {
  const starts = [0];
  for (let at = 0; at < items.length; at += columns)
    starts.push(starts[starts.length - 1] + lengthOf(items.slice(at, at + columns)));
  return starts;
}

/** Stands for rows that are out of sight. */
function Space({ px, sideways }: { px: number; sideways: boolean }) {
  return px > 0 && <div className="strip-space" style={sideways ? { width: px } : { height: px }} />;
}

interface ResultItemProps {
  id: string;
  isChosen: boolean;
  /** Whether Tab comes to it; arrows lead to the others. */
  isTabStop: boolean;
  /** Counts from 1. */
  place: number;
  of: number;
}

const ResultItem = memo(function ResultItem({ id, isChosen, isTabStop, place, of }: ResultItemProps) {
  const result = useResult(id);
  return (
    <li aria-posinset={place} aria-setsize={of}>
      <button
        type="button"
        className="strip-item"
        data-result={id}
        tabIndex={isTabStop ? 0 : -1}
        aria-pressed={isChosen}
        aria-label={result ? labelOf(result) : texts.picture}
        onDragStart={({ dataTransfer }) => dragResult(dataTransfer, id)}
        onClick={() => {
          showResult(id);
          showView('paint');
        }}
      >
        {result && (
          <img
            src={result.thumbnail}
            alt=""
            decoding="async"
            width={result.record.width}
            height={result.record.height}
          />
        )}
        {result?.saved === false && <UnsavedMark />}
      </button>
    </li>
  );
});

function labelOf({ record, saved }: Result): string {
  const prompt = subjectText(record.request);
  return (saved ? texts.pictureOf : texts.unsavedPictureOf)(record.number, prompt);
}
