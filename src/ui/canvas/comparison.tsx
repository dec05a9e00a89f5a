import { useMemo, useState } from 'react';
import { readPicture } from '../../editor/document/document';
import type { Candidate } from '../../editor/staging';
import { texts } from '../../texts/canvas';
import { PixelsCanvas } from '../components/pixels-canvas';
import { useBoxStyle } from './use-box-style';
import { useCanvas } from './use-canvas';

/** What was there on the left of a slider, the candidate on its right. */
export function Comparison({ candidate }: { candidate: Candidate }) {
  const document = useCanvas((state) => state.document);
  const style = useBoxStyle(candidate.box);
  const [split, setSplit] = useState(50);
  const before = useMemo(() => {
    const { width, height, data } = readPicture(document, candidate.box);
    return { width, height, rgba: data };
  }, [document, candidate.box]);
  return (
    <div className="canvas-comparison" style={{ ...style, '--split': `${split}%` }}>
      <PixelsCanvas image={before} label={texts.before} />
      <span className="canvas-split" aria-hidden="true" />
      <input
        type="range"
        min={0}
        max={100}
        step={0.5}
        aria-label={texts.shareShown}
        value={split}
        onChange={(event) => setSplit(event.currentTarget.valueAsNumber)}
      />
    </div>
  );
}
