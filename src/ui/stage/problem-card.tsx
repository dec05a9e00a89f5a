import { TriangleAlert, X } from 'lucide-react';
import { dismissProblem, isRecovering, useEngine } from '../../store/engine';
import { remedyFor, takeRemedy } from '../../store/remedy';
import { copyText } from '../components/clipboard';
import { IconButton } from '../components/icon-button';
import './problem-card.css';

const TITLES = { load: 'The model could not be opened', paint: 'The picture could not be painted' } as const;

/** What went wrong, where it happened, what helps, and what it takes to report it. The last good picture stays behind it. */
export function ProblemCard() {
  const problem = useEngine((state) => state.problem);
  const remedy = useEngine((state) => remedyFor(state)?.label);
  const recovering = useEngine(isRecovering);
  if (recovering) return <div className="problem">The graphics device was lost. Recovering …</div>;
  if (!problem) return null;
  return (
    <div className="problem" role="alert">
      <TriangleAlert size={18} aria-hidden="true" />
      <div className="problem-text">
        <strong>{TITLES[problem.during]}</strong>
        <p>{problem.message}</p>
        <div className="problem-foot">
          {remedy && (
            <button type="button" className="button" onClick={takeRemedy}>
              {remedy}
            </button>
          )}
          <button
            type="button"
            className="problem-copy"
            onClick={() => void copyText(problem.details, 'Details copied.')}
          >
            Copy details
          </button>
          <code>{problem.code}</code>
        </div>
      </div>
      <IconButton icon={X} label="Dismiss" onClick={dismissProblem} />
    </div>
  );
}
