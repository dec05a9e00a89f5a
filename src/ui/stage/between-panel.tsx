import { Popover } from 'radix-ui';
import { useState } from 'react';
import { useShallow } from 'zustand/react/shallow';
import { useGallery } from '../../store/gallery/gallery';
import type { ResultRecord } from '../../store/gallery/result-record';
import { BETWEEN, paintBetween } from '../../store/jobs/between';
import { canPaintAgain } from '../../store/jobs/from-result';
import { texts } from '../../texts/stage';
import { PopoverPanel } from '../components/popover-panel';
import { subjectText } from '../components/subject-text';
import { WholeNumber } from '../components/whole-number';
import { useResult } from '../gallery/use-result';
import './between-panel.css';

/** As many of the other results as can be chosen: the newest. */
const MOST_OTHERS = 60;

/** Paints pictures between a result and another one that is chosen; in a popover. */
export function BetweenPanel({ record }: { record: ResultRecord }) {
  const others = useGallery(useShallow(({ ids }) => ids.filter((id) => id !== record.id).slice(0, MOST_OTHERS)));
  const [pictures, setPictures] = useState<number>(BETWEEN.default);
  return (
    <PopoverPanel label={texts.interpolate} className="between-panel" align="end">
      <WholeNumber
        label={texts.picturesBetween}
        min={BETWEEN.min}
        max={BETWEEN.max}
        value={pictures}
        onChange={setPictures}
      />
      <p>{texts.interpolateHint}</p>
      <div className="between-others">
        {others.map((id) => (
          <Other key={id} id={id} onChoose={(other) => paintBetween(record, other, pictures)} />
        ))}
      </div>
    </PopoverPanel>
  );
}

/** A result to choose; one that its settings do not paint again cannot be. */
function Other({ id, onChoose }: { id: string; onChoose(record: ResultRecord): void }) {
  const result = useResult(id);
  if (!result || !canPaintAgain(result.record)) return null;
  const { record, thumbnail } = result;
  return (
    <Popover.Close asChild>
      <button
        type="button"
        className="between-other"
        aria-label={texts.interpolateWith(record.number, subjectText(record.request))}
        onClick={() => onChoose(record)}
      >
        <img src={thumbnail} alt="" decoding="async" />
      </button>
    </Popover.Close>
  );
}
