import { TriangleAlert, X } from 'lucide-react';
import { dismissProblem, useEngine } from '../../store/engine';
import { notify } from '../../store/notices';
import { IconButton } from '../components/icon-button';
import './problem-card.css';

/** What went wrong, where it happened, and what it takes to report it. The last good picture stays behind it. */
export function ProblemCard() {
  const problem = useEngine((state) => state.problem);
  const recovering = useEngine(({ status }) => status.kind === 'recovering');
  if (recovering) return <div className="problem">Recovering the graphics device …</div>;
  if (!problem) return null;
  const copy = async () => {
    await navigator.clipboard.writeText(problem.details);
    notify('Details copied.');
  };
  return (
    <div className="problem" role="alert">
      <TriangleAlert size={18} aria-hidden="true" />
      <div className="problem-text">
        <strong>
          {problem.during === 'load' ? 'The model could not be opened' : 'The picture could not be painted'}
        </strong>
        <p>{problem.message}</p>
        <p className="problem-code">
          <code>{problem.code}</code>
          <button type="button" className="problem-copy" onClick={() => void copy()}>
            Copy details
          </button>
        </p>
      </div>
      <IconButton icon={X} label="Dismiss" onClick={dismissProblem} />
    </div>
  );
}
