import { Zap } from 'lucide-react';
import { Tooltip } from 'radix-ui';
import { useEffect } from 'react';
import { setLive } from '../../store/jobs/live';
import { type LiveSource, useLive } from '../../store/jobs/live-picture';
import { texts } from '../../texts/live';
import { Hint } from '../components/hint';
import './live.css';

/** Has the page paint whatever changes, as long as it is pressed. @param source what is painted where it stands */
export function LiveToggle({ source }: { source: LiveSource }) {
  const on = useLive((state) => state.on);
  useEffect(() => {
    useLive.setState({ source });
    return () => useLive.setState({ source: undefined });
  }, [source]);
  return (
    <Hint text={texts.liveHint} side="top">
      <Tooltip.Trigger asChild>
        <button
          type="button"
          className="live-toggle"
          aria-label={texts.live}
          aria-pressed={on}
          onClick={() => setLive(!on)}
        >
          <Zap size={16} aria-hidden="true" />
          <span>{texts.live}</span>
        </button>
      </Tooltip.Trigger>
    </Hint>
  );
}

/** Why there is no live picture of the form as it stands, or none yet. */
export function LiveProblem() {
  const said = useLive(({ on, problem, picture }) =>
    on ? (problem ?? (picture ? undefined : texts.comes)) : undefined,
  );
  return (
    <p className="live-problem" role="status" hidden={said === undefined}>
      {said}
    </p>
  );
}
