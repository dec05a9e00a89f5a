import { Square } from 'lucide-react';
import type { PaintedFrom } from '../../core/request/applicable';
import type { NumberName } from '../../core/request/fields';
import { paintingOf, useEngine } from '../../store/engine';
import { cancelPainting } from '../../store/jobs/paint';
import { runText } from '../../store/jobs/painting-progress';
import { firstProblem, useSettings } from '../../store/settings/settings';
import './generate-button.css';

interface GenerateButtonProps {
  paint(): boolean;
  from: PaintedFrom;
  /** Brings a field into sight whose value cannot stand. */
  onShow(field: NumberName): void;
}

/** Paints, or queues one more while something is being painted, which its neighbour then cancels. */
export function GenerateButton({ paint, from, onShow }: GenerateButtonProps) {
  const painting = useEngine(({ status }) => paintingOf(status));
  const status = useEngine(({ status: { kind } }) => kind);
  const queued = useEngine(({ queue }) => queue.length);
  const decodeMs = useEngine((state) => state.decodeMs);
  const settings = useSettings();
  const problem = firstProblem(settings, from);
  const busy = painting !== undefined;
  return (
    <div className="generate">
      {problem && (
        <p className="generate-problem" role="alert">
          {problem.reason}{' '}
          {problem.name && (
            <button type="button" onClick={() => problem.name && onShow(problem.name)}>
              Show
            </button>
          )}
        </p>
      )}
      <div className="generate-buttons">
        {painting && (
          <button
            type="button"
            className="generate-cancel"
            // A double click is one wish: the second one ends the engine.
            onClick={({ detail }) => detail <= 1 && cancelPainting()}
          >
            <Square size={12} fill="currentColor" aria-hidden="true" />
            <span>
              {painting.cancelling ? 'Cancelling' : 'Cancel'}
              <span className="generate-progress">
                {painting.cancelling ? 'Press again to stop the engine' : runText(painting, decodeMs)}
              </span>
            </span>
          </button>
        )}
        <button
          type="button"
          className={busy ? 'generate-more' : 'generate-go'}
          disabled={problem !== undefined || status === 'empty'}
          onClick={() => paint()}
          aria-keyshortcuts="Control+Enter"
        >
          {busy ? 'Queue' : 'Generate'}
          {queued > 0 && (
            <span className="generate-badge">
              {queued}
              <span className="visually-hidden"> waiting</span>
            </span>
          )}
        </button>
      </div>
    </div>
  );
}
