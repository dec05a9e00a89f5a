import { create } from 'zustand';
import { askWorker, failed, type WorkerReply } from '../../offline/messages';
import { sentenceText } from '../../texts/errors';
import { texts } from '../../texts/store';
import { useEngine } from '../engine';
import { queue } from '../jobs/jobs';
import { notify } from '../notices';
import { retryUnsaved, useUnsaved } from '../persistence/unsaved';

/** Whether the page would open without a network. */
type Kept =
  | { kind: 'unknown' }
  /** Its files are being kept. */
  | { kind: 'keeping' }
  | { kind: 'kept' }
  | { kind: 'not-kept'; why: string };

export const useVersions = create<{ kept: Kept }>(() => ({ kept: { kind: 'unknown' } }));

/** Of a registration, what is used here. */
type Registration = Pick<
  ServiceWorkerRegistration,
  'active' | 'waiting' | 'installing' | 'update' | 'addEventListener'
>;
type Container = Pick<ServiceWorkerContainer, 'ready' | 'controller' | 'addEventListener'>;
type Page = Pick<Document, 'visibilityState' | 'addEventListener'>;

/** A page may stay open for weeks; a browser looks for a newer version only when one is opened. */
const LOOK_EVERY_MS = 3_600_000;

/**
 * Has the service worker keep the page's files once its model is open, and says when a newer version is ready. The
 * first visit starts it only then: it takes nothing from what the visit waits for.
 * @param register registers it; undefined comes of it where something keeps service workers from starting
 */
export async function connectVersions(
  register: () => Promise<Registration | undefined>,
  container: Container | undefined = navigator.serviceWorker,
  page: Page = document,
): Promise<void> {
  if (!container?.controller) await modelSettled();
  const registration = await register().catch(() => undefined);
  if (!registration || !container) {
    const why = texts.cannotKeepFiles;
    useVersions.setState({ kept: { kind: 'not-kept', why } });
    return;
  }
  watchForNewer(registration, container);
  let lookedAt = Date.now();
  page.addEventListener('visibilitychange', () => {
    if (page.visibilityState !== 'visible' || Date.now() - lookedAt < LOOK_EVERY_MS) return;
    lookedAt = Date.now();
    void registration.update().catch(() => undefined); // no network: the next time
  });
  await modelSettled();
  const { active } = (await container.ready) as Registration;
  if (active) await keepFiles(active);
}

/** The first model is open, or cannot be: what the page needs for it has been fetched, and the machine has room. */
function modelSettled(): Promise<void> {
  const isSettled = () => ['ready', 'empty', 'painting'].includes(useEngine.getState().status.kind);
  return new Promise((resolve) => {
    if (isSettled()) return resolve();
    const stop = useEngine.subscribe(() => {
      if (!isSettled()) return;
      stop();
      resolve();
    });
  });
}

/** A browser ends a worker after some five minutes over one message. What it has kept by then stays. */
const ASK_AGAIN_MS = 240_000;

async function keepFiles(worker: ServiceWorker): Promise<void> {
  useVersions.setState({ kept: { kind: 'keeping' } });
  const late = () => new Promise<undefined>((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
  const ask = () => askWorker(worker, 'keep-files').catch(failed);
  let reply = await Promise.race([ask(), late()]);
  while (!reply) reply = await Promise.race([ask(), late()]);
  const kept: Kept = reply.kind === 'failed' ? { kind: 'not-kept', why: whyNot(reply) } : { kind: 'kept' };
  useVersions.setState({ kept });
}

const whyNot = ({ why, said }: Extract<WorkerReply, { kind: 'failed' }>): string => (said ? sentenceText(said) : why);

function watchForNewer(registration: Registration, container: Container): void {
  const offer = (worker: ServiceWorker) =>
    notify(
      texts.newVersion,
      { label: texts.reload, run: () => void reloadWith(worker, container) },
      { stays: true, about: 'version' },
    );
  const watch = (worker: ServiceWorker | null) =>
    worker?.addEventListener('statechange', () => {
      // The first one serves at once: it never waits.
      if (worker.state === 'installed' && registration.active) offer(worker);
    });
  if (registration.waiting) offer(registration.waiting);
  watch(registration.installing);
  registration.addEventListener('updatefound', () => watch(registration.installing));
}

/** Goes over to the newer version, unless something would be lost by it, or changed under another tab. */
async function reloadWith(worker: ServiceWorker, container: Container): Promise<void> {
  if (Object.keys(useUnsaved.getState().things).length > 0) {
    retryUnsaved();
    notify(texts.notAllSaved);
    return;
  }
  const changed = new Promise((resolve) => container.addEventListener('controllerchange', resolve, { once: true }));
  // One that is gone meanwhile has been replaced by a still newer one, which a reload finds.
  const reply = await askWorker(worker, 'take-over').catch(() => undefined);
  if (reply?.kind === 'others-open') {
    const again = { label: texts.reload, run: () => void reloadWith(worker, container) };
    notify(texts.otherTabsOpen(reply.count), again, {
      stays: true,
      about: 'version',
    });
    return;
  }
  queue.retry(); // the picture that is under way is painted again, with what waits
  if (reply?.kind === 'done' && container.controller) await changed;
  location.reload();
}
