import type { WorkerLike } from './client';

/** What a worker says once it holds the lock that bears its name. */
const HOLDS_LOCK = 'holds-lock';

/** What this needs of navigator.locks, which only secure contexts have. */
type Locks = { request(name: string, granted: () => unknown): Promise<unknown> } | undefined;

/**
 * Starts a worker and notices its end. No event tells of a worker that closed itself, or that the browser ended for
 * want of memory; but a lock that it held is free then.
 * @param address of the worker's script, as `new Worker` takes it
 */
export function spawnWorker(address: string, locks: Locks): WorkerLike {
  // Other tabs have locks, too; where there are none, there is no randomUUID either.
  const name = `easel-engine-${locks ? crypto.randomUUID() : 'unwatched'}`;
  const worker: Worker & Pick<WorkerLike, 'onended'> = new Worker(address, { type: 'module', name });
  worker.addEventListener('message', ({ data }) => {
    if (data === HOLDS_LOCK) void locks?.request(name, () => worker.onended?.());
  });
  return worker;
}

/** The worker's part: holds the lock of its name for as long as it lives. */
export function holdLock(name: string, locks: Locks, say: (message: string) => void): void {
  void locks?.request(name, () => {
    say(HOLDS_LOCK);
    return new Promise(() => undefined);
  });
}
