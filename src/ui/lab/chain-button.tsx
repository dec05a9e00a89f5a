import { cancelJob } from '../../store/jobs/cancel';
import type { ChainStart } from '../../store/jobs/chains';
import { useJobs } from '../../store/jobs/jobs';
import { paintChains } from '../../store/jobs/paint-chains';
import { texts } from '../../texts/lab';
import { WAYS } from './chain-ways';

/** Paints by all ways, or takes back what waits and ends what is painted. */
export function ChainButton({ start }: { start: ChainStart }) {
  const painting = useJobs(({ painting }) => (painting?.job.sink === 'chain' ? painting.job.parent : undefined));
  const waiting = useJobs(({ waiting }) => waiting.find(({ parent }) => parent.sink === 'chain')?.parent.id);
  const id = painting ?? waiting;
  if (id === undefined)
    return (
      <button type="button" className="button theory-go" onClick={() => paintChains(WAYS, start)}>
        {texts.paintAll(WAYS.length)}
      </button>
    );
  return (
    <button type="button" className="button" onClick={() => cancelJob(id)}>
      {texts.cancel}
    </button>
  );
}
