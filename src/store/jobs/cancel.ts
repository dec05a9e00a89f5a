import { AGAIN_WITHIN_MS, cancelAction } from '../../jobs/cancelling';
import { isMoreToCome, type Removed } from '../../jobs/queue';
import { texts } from '../../texts/store';
import { engine } from '../engine-port';
import { notify, undoBy } from '../notices';
import { queue, useJobs } from './jobs';

/**
 * Ends the running picture within a step; its batch goes on. A second wish soon after ends the batch and takes the
 * queue off, which can be put back. Where nothing more is left to take off, one more ends the engine itself, at once.
 */
export function cancelPainting(): void {
  const { running } = queue.state;
  if (!running) return;
  const action = cancelAction({
    cancelling: running.skipped,
    again: useJobs.getState().again,
    left: isMoreToCome(queue.state),
  });
  switch (action) {
    case 'skip':
      queue.skip();
      expectAgain();
      break;
    case 'clear':
      cancelAll();
      break;
    case 'stop-engine':
      engine().stop();
      break;
    default:
      action satisfies never;
  }
}

/** Ends what is being painted and takes off what waits. */
export function cancelAll(): void {
  const removed = queue.clear();
  useJobs.setState(({ takenOff }) => ({ takenOff: [...takenOff, removed], again: false }));
  tellRemoved(removed);
}

/** Takes one job off the queue, or ends it where it is being painted; the others stay. */
export function cancelJob(id: string): void {
  tellRemoved(queue.cancel(id));
}

/** Says what was taken off the queue. @param message says why, too, where nobody asked for it */
export function tellRemoved(removed: Removed, message = texts.removed): void {
  const count = removed.grids.length;
  if (count === 0) return;
  notify(
    message(count),
    undoBy(() => queue.putBack(removed)),
  );
}

let forget: ReturnType<typeof setTimeout> | undefined;

function expectAgain(): void {
  clearTimeout(forget);
  useJobs.setState({ again: true });
  forget = setTimeout(() => useJobs.setState({ again: false }), AGAIN_WITHIN_MS);
}
