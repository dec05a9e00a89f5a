import { changeGrid, type Grid } from '../../jobs/grid';
import type { BlobRef } from '../../jobs/job';
import { type Claim, claimLock } from '../persistence/claim';
import { type Database, diskError, type EaselDatabase } from '../persistence/database';
import { holdInput, inputBlob } from './inputs';
import { readQueueRecord, writeQueueRecord } from './queue-record';

/** What pages that are gone had left to paint. */
export interface EarlierQueue {
  grids: readonly Grid[];
  /** Takes it off the disk. */
  forget(): Promise<void>;
}

/** Keeps a page's queue while the page lives, for another to go on with. */
export interface QueueDb {
  /**
   * What is left of pages that are gone; no other tab is offered it while this one lives.
   * @param onUnreadable is told how many others there are, if any
   */
  earlier(onUnreadable: (count: number) => void): Promise<EarlierQueue>;
  /** Writes what is left of this page's queue: on its way when this returns, where the database is open. */
  save(grids: readonly Grid[]): Promise<void>;
}

/** The part that holds the queue itself; the others are inputs, by their hash. */
const QUEUE = 'queue';

/** A page that was just left, as on a reload, lets go of its lock within this. */
const LEFT_MS = 2000;

const lockName = (page: string) => `easel.jobs ${page}`;

/** The queue over IndexedDB. Each page has its own, under a lock that goes with the page. */
export function createQueueDb(
  database: Database,
  claim: Claim = claimLock,
  page: string = crypto.randomUUID(),
): QueueDb {
  const written = new Set<string>();
  const held = claim(lockName(page));
  return {
    async earlier(onUnreadable) {
      const opened = await database.opened;
      const keys = await opened.getAllKeys('jobs');
      const pages = keys.filter(([other, part]) => part === QUEUE && other !== page).map(([other]) => other);
      const claimed = await Promise.all(
        pages.map(async (other) => ({ other, ours: await claim(lockName(other), LEFT_MS) })),
      );
      const queues = await Promise.all(
        claimed.filter(({ ours }) => ours).map(async ({ other }) => ({ other, grids: await readQueue(opened, other) })),
      );
      const readable = queues.flatMap(({ other, grids }) => (grids ? [{ other, grids }] : []));
      if (readable.length < queues.length) onUnreadable(queues.length - readable.length);
      return {
        grids: readable.flatMap(({ grids }) => grids),
        forget: () =>
          database.run(async (now) => {
            for (const { other } of readable) await now.delete('jobs', partsOf(other));
          }),
      };
    },
    async save(grids) {
      await held;
      await database.run((opened) => writeQueue(opened, page, grids, written));
    },
  };
}

const partsOf = (page: string) => IDBKeyRange.bound([page], [page, []]);

/** A page's queue with its inputs at hand; undefined where it cannot be read. */
async function readQueue(database: EaselDatabase, page: string): Promise<readonly Grid[] | undefined> {
  const grids = readQueueRecord(await database.get('jobs', [page, QUEUE]));
  const refs = new Map<string, BlobRef>();
  for (const ref of grids?.flatMap(({ parent }) => parent.inputs) ?? []) {
    const blob = refs.has(ref.hash) ? undefined : await database.get('jobs', [page, ref.hash]);
    if (blob instanceof Blob) refs.set(ref.hash, holdInput(ref, blob));
  }
  // Without its input a job cannot be done; all jobs with the same one hold the same reference again.
  const whole = grids?.filter(({ parent }) => parent.inputs.every(({ hash }) => refs.has(hash)));
  return whole?.map((grid) =>
    changeGrid(grid, (job) => ({ ...job, inputs: job.inputs.map((ref) => refs.get(ref.hash) ?? ref) })),
  );
}

/** Writes the queue with the inputs that are new, and takes those off that nothing needs any more. */
async function writeQueue(
  database: EaselDatabase,
  page: string,
  grids: readonly Grid[],
  written: Set<string>,
): Promise<void> {
  const inputs = new Map(grids.flatMap(({ parent }) => parent.inputs).map((ref) => [ref.hash, ref]));
  const fresh = [...inputs].filter(([hash]) => !written.has(hash));
  const gone = [...written].filter((hash) => !inputs.has(hash));
  const writing = database.transaction('jobs', 'readwrite');
  const { store } = writing;
  try {
    const changes: Promise<unknown>[] = [
      grids.length > 0 ? store.put(writeQueueRecord(grids), [page, QUEUE]) : store.delete([page, QUEUE]),
      ...fresh.map(([hash, ref]) => store.put(inputBlob(ref), [page, hash])),
      ...gone.map((hash) => store.delete([page, hash])),
    ];
    // A page that is left before the browser commits by itself would lose them.
    writing.commit();
    await Promise.all([...changes, writing.done]);
  } catch (thrown) {
    throw diskError(thrown);
  }
  for (const [hash] of fresh) written.add(hash);
  for (const hash of gone) written.delete(hash);
}
