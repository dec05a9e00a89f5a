import { toEaselError } from '../../core/errors';
import { persistQueue, remainingOf } from '../../jobs/queue';
import { errorText } from '../../texts/errors';
import { texts } from '../../texts/store';
import { notify } from '../notices';
import { tellUnreadable } from '../persistence/database';
import { markSaved, markUnsaved } from '../persistence/unsaved';
import { tellRemoved } from './cancel';
import { queue } from './jobs';
import type { EarlierQueue, QueueDb } from './queue-db';
import { sinks } from './sinks';

const UNSAVED = 'easel.jobs';

/**
 * Keeps the queue from now on, and asks whether to go on with what earlier visits left of theirs.
 * @returns what ends the keeping
 */
export function persistJobs(db: QueueDb): () => void {
  void offerEarlier(db);
  return persistQueue(queue, () => save(db));
}

async function save(db: QueueDb): Promise<void> {
  try {
    await db.save(remainingOf(queue.state).filter(({ parent }) => !sinks.of(parent).aside));
    markSaved(UNSAVED);
  } catch (thrown) {
    // A picture that is being painted alone is soon a result.
    if (queue.state.waiting.length === 0) markSaved(UNSAVED);
    else markUnsaved(UNSAVED, { what: texts.theQueue, why: errorText(thrown), retry: () => void save(db) });
  }
}

async function offerEarlier(db: QueueDb): Promise<void> {
  try {
    const earlier = await db.earlier(tellUnreadable('queues', texts.queuesUnreadable));
    if (earlier.grids.length > 0) ask(earlier);
  } catch (thrown) {
    const { code } = toEaselError(thrown);
    // The page says so itself.
    if (code !== 'no-storage') notify(texts.queueUnread(errorText(thrown)));
  }
}

/** It stays until it is answered; where it is dismissed, the next visit asks again. */
function ask({ grids, forget }: EarlierQueue): void {
  const forgotten = () => void forget().catch((thrown) => notify(texts.queueStays(errorText(thrown))));
  const goOn = () => {
    for (const grid of grids) queue.enqueue(grid);
    forgotten();
  };
  const discard = () => {
    forgotten();
    tellRemoved({ grids: grids.map((grid, at) => ({ grid, at })) });
  };
  notify(
    texts.waitingFromLastVisit(grids.length),
    { label: texts.continue, run: goOn },
    { second: { label: texts.discard, run: discard }, stays: true },
  );
}
