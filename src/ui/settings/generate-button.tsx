import { Square } from 'lucide-react';
import { Tooltip } from 'radix-ui';
import type { PaintedFrom } from '../../core/request/applicable';
import type { NumberName } from '../../core/request/fields';
import { isMoreToCome } from '../../jobs/queue';
import { useEngine } from '../../store/engine';
import { cancelPainting } from '../../store/jobs/cancel';
import { useJobs } from '../../store/jobs/jobs';
import { runText } from '../../store/jobs/painting-progress';
import { useWildcards } from '../../store/lists/wildcards';
import { classProblem } from '../../store/settings/applicable-fields';
import { firstProblem, useSettings } from '../../store/settings/settings';
import { texts } from '../../texts/settings';
import { Hint } from '../components/hint';
import { LiveProblem, LiveToggle } from '../live/live-toggle';
import { QueueButton } from '../queue/queue-button';
import './generate-button.css';

interface GenerateButtonProps {
  paint(): boolean;
  from: PaintedFrom;
  /** Brings a field into sight whose value cannot stand. */
  onShow(field: NumberName): void;
}

/** Paints, or queues one more while something is being painted, which its neighbour then cancels. */
export function GenerateButton({ paint, from, onShow }: GenerateButtonProps) {
  const painting = useJobs((state) => state.painting);
  const cancelling = useJobs(({ running }) => running?.skipped ?? false);
  const status = useEngine(({ status: { kind } }) => kind);
  const left = useJobs(isMoreToCome);
  const again = useJobs((state) => state.again);
  const decodeMs = useJobs((state) => state.decodeMs);
  const settings = useSettings();
  const info = useEngine(({ model }) => model?.info);
  const wildcards = useWildcards((state) => state.wildcards);
  const problem = firstProblem(settings, from, wildcards) ?? classProblem(settings, info);
  const busy = painting !== undefined;
  return (
    <div className="generate">
      {problem && <Problem {...problem} onShow={onShow} />}
      <LiveProblem />
      <div className="generate-buttons">
        {painting && (
          <button
            type="button"
            className="generate-cancel"
            // A double click is one wish: a second one cancels more.
            onClick={({ detail }) => detail <= 1 && cancelPainting()}
          >
            <Square size={12} fill="currentColor" aria-hidden="true" />
            <span>
              {cancelling ? texts.cancelling : again && left ? texts.cancelAll : texts.cancel}
              <span className="generate-progress">
                {!cancelling ? runText(painting, decodeMs) : left ? texts.pressToCancelAll : texts.pressToStop}
              </span>
            </span>
          </button>
        )}
        <Hint text={busy ? texts.queueHint : texts.generateHint} side="top">
          <Tooltip.Trigger asChild>
            <button
              type="button"
              className={busy ? 'generate-more' : 'generate-go'}
              disabled={problem !== undefined || status === 'empty'}
              onClick={() => paint()}
              aria-keyshortcuts="Control+Enter"
            >
              <Label busy={busy} />
            </button>
          </Tooltip.Trigger>
        </Hint>
        <LiveToggle source={from === 'words' ? 'words' : 'canvas'} />
        <QueueButton />
      </div>
    </div>
  );
}

interface ProblemProps extends Pick<GenerateButtonProps, 'onShow'> {
  name?: NumberName;
  reason: string;
}

/** Why nothing can be painted as the form stands. */
function Problem({ name, reason, onShow }: ProblemProps) {
  return (
    <p className="generate-problem" role="alert">
      {reason}{' '}
      {name && (
        <button type="button" onClick={() => onShow(name)}>
          {texts.show}
        </button>
      )}
    </p>
  );
}

/** What a click does; while the model is on its way, when. */
function Label({ busy }: { busy: boolean }) {
  const comes = useEngine(({ status: { kind } }) => kind === 'loading' || kind === 'starting');
  const waits = useJobs(isMoreToCome);
  if (busy) return texts.queue;
  return (
    <>
      {texts.generate}
      {comes && <span className="generate-when">{waits ? texts.waitsForTheModel : texts.onceModelIsHere}</span>}
    </>
  );
}
