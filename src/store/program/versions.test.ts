import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { failed, type WorkerReply } from '../../offline/messages';
import { translateMarked } from '../../texts/marked';
import { translate } from '../../texts/section';
import { useEngine } from '../engine';
import { queue } from '../jobs/jobs';
import { useNotices } from '../notices';
import { markUnsaved, useUnsaved } from '../persistence/unsaved';
import { connectVersions, useVersions } from './versions';

/** A service worker that answers what it is asked. */
class FakeWorker extends EventTarget {
  readonly asked: string[] = [];
  state = 'activated';
  silent = false;
  constructor(readonly reply: WorkerReply = { kind: 'done' }) {
    super();
  }
  postMessage(request: string, [port]: MessagePort[]) {
    this.asked.push(request);
    if (!this.silent) port.postMessage(this.reply);
  }
  become(state: string) {
    this.state = state;
    this.dispatchEvent(new Event('statechange'));
  }
}

class FakeRegistration extends EventTarget {
  installing: FakeWorker | null = null;
  waiting: FakeWorker | null = null;
  readonly update = vi.fn(async () => undefined);
  constructor(readonly active: FakeWorker | null) {
    super();
  }
  find(worker: FakeWorker) {
    this.installing = worker;
    this.dispatchEvent(new Event('updatefound'));
    worker.become('installed');
  }
}

class FakeContainer extends EventTarget {
  constructor(
    readonly ready: Promise<unknown>,
    readonly controller: unknown = {},
  ) {
    super();
  }
}

const reload = vi.fn();
const page = Object.assign(new EventTarget(), { visibilityState: 'visible' as const });

beforeEach(() => {
  vi.stubGlobal('location', { reload });
  reload.mockClear();
  useNotices.setState({ notices: [] });
  useVersions.setState({ kept: { kind: 'unknown' } });
  useUnsaved.setState({ things: {}, dismissed: false });
  useEngine.setState({ status: { kind: 'ready' } });
});
afterEach(() => vi.useRealTimers());

const texts = () => useNotices.getState().notices.map(({ text }) => text);
const press = () => useNotices.getState().notices.at(-1)?.action?.run();

function connect(registration: FakeRegistration | undefined, ready: unknown = registration) {
  const container = new FakeContainer(Promise.resolve(ready));
  const connected = connectVersions(
    async () => registration as never,
    container as unknown as ServiceWorkerContainer,
    page as unknown as Document,
  );
  return { container, connected };
}

it('has the files kept once the first model is open, and says how that went', async () => {
  useEngine.setState({ status: { kind: 'starting' } });
  const active = new FakeWorker();
  const { connected } = connect(new FakeRegistration(active));
  await Promise.resolve();
  expect(active.asked).toEqual([]);
  useEngine.setState({ status: { kind: 'ready' } });
  await connected;
  expect(active.asked).toEqual(['keep-files']);
  expect(useVersions.getState().kept).toEqual({ kind: 'kept' });

  // A worker of an older version says it in words alone.
  await connect(new FakeRegistration(new FakeWorker({ kind: 'failed', why: 'No room.' }))).connected;
  expect(useVersions.getState().kept).toEqual({ kind: 'not-kept', why: 'No room.' });
  const full = failed(new DOMException('', 'QuotaExceededError'));
  expect(full).toMatchObject({ kind: 'failed', why: 'The browser has no room for it: remove a model, or free space.' });
  translate(translateMarked);
  await connect(new FakeRegistration(new FakeWorker(full))).connected;
  expect(useVersions.getState().kept).toEqual({
    kind: 'not-kept',
    why: '⟦The browser has no room for it: remove a model, or free space.⟧',
  });
  translate((_name, english) => english);
  await connect(undefined).connected;
  expect(useVersions.getState().kept.kind).toBe('not-kept');
});

it('asks again where the browser has ended the worker in the middle of it', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  const active = new FakeWorker();
  active.silent = true;
  const { connected } = connect(new FakeRegistration(active));
  await vi.waitFor(() => expect(active.asked).toHaveLength(1));
  active.silent = false;
  vi.advanceTimersByTime(300_000);
  await connected;
  expect(active.asked).toEqual(['keep-files', 'keep-files']);
  expect(useVersions.getState().kept).toEqual({ kind: 'kept' });
});

it('says that a newer version waits, whenever it comes, but not of the first one', async () => {
  const first = new FakeRegistration(null);
  const installing = connect(first, new FakeRegistration(new FakeWorker())).connected;
  await vi.waitFor(() => first.find(new FakeWorker()));
  await installing;
  expect(texts()).toEqual([]);

  const found = new FakeRegistration(new FakeWorker());
  await connect(found).connected;
  found.find(new FakeWorker());
  expect(texts()).toEqual([expect.stringContaining('A new version of Easel is ready')]);

  useNotices.setState({ notices: [] });
  const waiting = new FakeRegistration(new FakeWorker());
  waiting.waiting = new FakeWorker();
  await connect(waiting).connected;
  expect(texts()).toHaveLength(1);
});

it('goes over to it by a reload, with the picture that is under way put back in the queue', async () => {
  const retry = vi.spyOn(queue, 'retry');
  const registration = new FakeRegistration(new FakeWorker());
  const newer = new FakeWorker();
  registration.waiting = newer;
  const { container, connected } = connect(registration);
  await connected;
  press();
  await vi.waitFor(() => expect(retry).toHaveBeenCalledOnce());
  expect(newer.asked).toEqual(['take-over']);
  expect(reload).not.toHaveBeenCalled(); // until the newer one serves
  container.dispatchEvent(new Event('controllerchange'));
  await vi.waitFor(() => expect(reload).toHaveBeenCalledOnce());
});

it('does not reload while something is unsaved, nor under another tab', async () => {
  const registration = new FakeRegistration(new FakeWorker());
  registration.waiting = new FakeWorker({ kind: 'others-open', count: 2 });
  await connect(registration).connected;
  const saving = vi.fn();
  markUnsaved('canvas', { what: 'the canvas', why: 'The disk is full.', retry: saving });
  press();
  expect(saving).toHaveBeenCalledOnce();
  expect(texts().at(-1)).toContain('Not everything is saved yet');

  useUnsaved.setState({ things: {} });
  useNotices.setState({ notices: useNotices.getState().notices.filter(({ stays }) => stays) });
  press();
  await vi.waitFor(() => expect(texts().at(-1)).toContain('Easel is open in 2 other tabs'));
  expect(reload).not.toHaveBeenCalled();
});

it('looks for a newer version when a page that was open for long is shown', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  const registration = new FakeRegistration(new FakeWorker());
  await connect(registration).connected;
  page.dispatchEvent(new Event('visibilitychange'));
  expect(registration.update).not.toHaveBeenCalled();
  vi.setSystemTime(Date.now() + 2 * 3_600_000);
  page.dispatchEvent(new Event('visibilitychange'));
  expect(registration.update).toHaveBeenCalledOnce();
});
