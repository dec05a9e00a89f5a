import { TriangleAlert, X } from 'lucide-react';
import { useShallow } from 'zustand/react/shallow';
import { dismissProblem, type EngineState, isRecovering, type Problem, useEngine } from '../../store/engine';
import { remedyFor, takeRemedy } from '../../store/jobs/remedy';
import { cancelLoading } from '../../store/library/models';
import { texts } from '../../texts/stage';
import { copyText } from '../components/clipboard';
import { IconButton } from '../components/icon-button';
import './problem-card.css';

const TITLES = { load: texts.modelNotOpened, paint: texts.pictureNotPainted } as const;

function titleOf({ code, during }: Problem): string {
  return code === 'engine-stopped' ? texts.engineStopped : TITLES[during];
}

/** What is said of the remedy, if there is one. */
function remedyOf(state: EngineState) {
  const { label, explanation } = remedyFor(state) ?? {};
  return { label, explanation };
}

/**
 * What went wrong, where it happened, what helps, and what it takes to report it. The last good picture stays behind
 * it.
 */
export function ProblemCard() {
  const problem = useEngine((state) => state.problem);
  const remedy = useEngine(useShallow((state) => remedyOf(state)));
  const recovering = useEngine(isRecovering);
  const silent = useEngine(({ status }) =>
    status.kind === 'loading' && status.loading.silent ? status.loading.name : undefined,
  );
  if (silent) return <SilentCard name={silent} />;
  if (recovering) return <div className="problem">{texts.deviceLost}</div>;
  if (!problem) return null;
  return (
    <div className="problem" role="alert">
      <TriangleAlert size={18} aria-hidden="true" />
      <div className="problem-text">
        <strong>{titleOf(problem)}</strong>
        <p>{problem.message}</p>
        {remedy.explanation && <p>{remedy.explanation}</p>}
        <div className="problem-foot">
          {remedy.label && (
            <button type="button" className="button" onClick={takeRemedy}>
              {remedy.label}
            </button>
          )}
          <button
            type="button"
            className="problem-copy"
            onClick={() => void copyText(problem.details, texts.detailsCopied)}
          >
            {texts.copyDetails}
          </button>
        </div>
      </div>
      <IconButton icon={X} label={texts.dismiss} onClick={dismissProblem} />
    </div>
  );
}

/** Nothing is heard of a model that is being opened, and only its files know whether anything will be. */
function SilentCard({ name }: { name: string }) {
  return (
    <div className="problem" role="alert">
      <TriangleAlert size={18} aria-hidden="true" />
      <div className="problem-text">
        <strong>{texts.stillOpening(name)}</strong>
        <p>{texts.nothingHeard}</p>
        <div className="problem-foot">
          <button type="button" className="button" onClick={cancelLoading}>
            {texts.stopLoading}
          </button>
        </div>
      </div>
    </div>
  );
}
