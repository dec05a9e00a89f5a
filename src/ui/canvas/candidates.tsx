import { Check, ChevronLeft, ChevronRight, Eye, EyeOff, SquareSplitHorizontal, Trash2, X } from 'lucide-react';
import { useState } from 'react';
import { shownCandidate } from '../../editor/staging';
import { canvas } from '../../store/canvas/canvas';
import { notify } from '../../store/notices';
import { texts } from '../../texts/canvas';
import { IconButton } from '../components/icon-button';
import { Toolbar } from '../components/toolbar';
import { Comparison } from './comparison';
import { useCanvas } from './use-canvas';

/** Accepting hides the mask, which lies over what was painted; it stays where it is for another try. */
function accept(): void {
  canvas.accept();
  if (!canvas.snapshot().hidden.mask) return;
  notify(
    texts.maskIsHidden,
    { label: texts.show, run: () => canvas.hideLayer('mask', false) },
    { second: { label: texts.clear, run: () => canvas.command('clear-mask') }, about: texts.hiddenMask },
  );
}

/**
 * Finished paintings over their place on the canvas: look at each, compare it with what was there, accept one or none.
 */
export function Candidates() {
  const staging = useCanvas((state) => state.staging);
  const [comparing, setComparing] = useState(false);
  const [last, setLast] = useState<string>();
  const { candidates } = staging;
  if (candidates.length === 0) return null;
  const shown = shownCandidate(staging);
  // None may be shown: a stroke hides it, and the one shown last may be gone.
  const at = Math.max(
    0,
    candidates.findIndex(({ id }) => id === (shown?.id ?? last)),
  );
  const go = (by: number) => canvas.showCandidate(candidates[(at + by + candidates.length) % candidates.length].id);
  const hide = () => {
    setLast(shown?.id);
    canvas.showCandidate(shown ? undefined : candidates[at].id);
  };
  return (
    <>
      {comparing && shown && <Comparison candidate={shown} />}
      <Toolbar className="canvas-candidates" label={texts.candidates}>
        <span className="canvas-candidates-note">{texts.notOnTheCanvasYet}</span>
        {candidates.length > 1 && (
          <>
            <IconButton icon={ChevronLeft} label={texts.previousCandidate} onClick={() => go(-1)} />
            <span className="canvas-candidates-count">{texts.candidateOf(at + 1, candidates.length)}</span>
            <IconButton icon={ChevronRight} label={texts.nextCandidate} onClick={() => go(1)} />
          </>
        )}
        <IconButton
          icon={shown ? Eye : EyeOff}
          label={texts.showCandidate}
          pressed={shown !== undefined}
          onClick={hide}
        />
        <IconButton
          icon={SquareSplitHorizontal}
          label={texts.compare}
          pressed={comparing}
          disabled={!shown}
          onClick={() => setComparing(!comparing)}
        />
        <IconButton icon={X} label={texts.discard} disabled={!shown} onClick={() => canvas.reject(shown?.id)} />
        {candidates.length > 1 && <IconButton icon={Trash2} label={texts.discardAll} onClick={() => canvas.reject()} />}
        <button type="button" className="button canvas-accept" disabled={!shown} onClick={accept}>
          <Check size={16} aria-hidden="true" />
          {texts.accept}
        </button>
      </Toolbar>
    </>
  );
}
