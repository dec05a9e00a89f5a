import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EaselError, said } from '../../core/errors';
import { DEFAULT_REQUEST } from '../../core/request/request';
import { jobOf } from '../../jobs/fixtures/grids';
import { batchGrid } from '../../jobs/grid';
import { dismissProblem, type EngineState, isRecovering, useEngine } from '../engine';
import { connectEngine } from '../engine-port';
import { FakeEngine, fakeModel, fakePicture, settled } from '../fixtures/fake-engine';
import { resetJobs } from '../fixtures/reset-jobs';
import { newestResult, useGallery } from '../gallery/gallery';
import { engineStopped, openModel } from '../library/models';
import { STARTER } from '../library/starter';
import { useNotices } from '../notices';
import { changeSettings, resetSettings, typeNumber, useSettings } from '../settings/settings';
import { cancelAll, cancelJob, cancelPainting } from './cancel';
import { queue, useJobs } from './jobs';
import { paint, paintWalk } from './paint';
import { startQueue } from './run-jobs';
import { useStepRecording } from './step-recording';
import { useWalk } from './walk';

const initial = useEngine.getInitialState();
let fake: FakeEngine;
let stop: () => void;

beforeEach(() => {
  fake = new FakeEngine();
  connectEngine(fake);
  useEngine.setState(initial, true);
  resetJobs();
  useGallery.setState(useGallery.getInitialState(), true);
  useNotices.setState({ notices: [] });
  resetSettings();
  stop = startQueue();
});

afterEach(() => stop());

async function open(name = 'A'): Promise<void> {
  const opened = openModel(STARTER);
  await settled();
  fake.loads.at(-1)?.resolve(fakeModel(name));
  await opened;
}

const kind = (): EngineState['status']['kind'] => useEngine.getState().status.kind;

describe('the queue', () => {
  it('holds what is asked for before the model is in, and paints it then', async () => {
    expect(paint()).toBe(true);
    expect(fake.runs).toHaveLength(0);
    await open();
    expect(fake.runs).toHaveLength(1);
    expect(kind()).toBe('painting');
  });

  it('asks for classifier guidance only where the model has a classifier and the prompt names what it knows', async () => {
    const opened = openModel(STARTER);
    await settled();
    const model = fakeModel('A');
    fake.loads[0].resolve({ ...model, info: { ...model.info, classifierNames: ['fox'] } });
    await opened;
    const asked: (number | undefined)[] = [];
    for (const prompt of ['a fox', 'a dog']) {
      changeSettings({ prompt, classifierScale: 3 });
      paint();
      asked.push(fake.runs.at(-1)?.request.classifierScale);
      fake.runs.at(-1)?.resolve({ pictures: 1, totalMs: 1 });
      await settled();
    }
    expect(asked).toEqual([3, undefined]);
  });

  it('gives what waits for the first model the sizes that model wishes for', async () => {
    paint();
    const opened = openModel(STARTER);
    await settled();
    fake.loads[0].resolve(fakeModel('A', { width: 256, height: 256, steps: 25 }));
    await opened;
    expect(fake.runs[0].request).toMatchObject({ width: 256, height: 256, steps: 25 });
  });

  it('gives the open model’s sizes to what an earlier visit asked for before any model was known', async () => {
    const opened = openModel(STARTER);
    await settled();
    fake.loads[0].resolve(fakeModel('A', { width: 256, height: 256, steps: 25 }));
    await opened;
    const { model: _, ...unknown } = jobOf('earlier', { request: { ...DEFAULT_REQUEST, seed: 3, batchCount: 2 } });
    queue.enqueue(batchGrid(unknown));
    expect(fake.runs[0].request).toMatchObject({ width: 256, steps: 25, seed: 3, batchCount: 1 });
  });

  it('paints one after another, each with the settings it was asked with', async () => {
    await open();
    changeSettings({ prompt: 'first' });
    paint();
    changeSettings({ prompt: 'second' });
    paint();
    expect(fake.runs.map(({ request }) => request.prompt)).toEqual(['first']);
    expect(queue.state.waiting).toHaveLength(1);
    fake.runs[0].resolve({ pictures: 1, totalMs: 1 });
    await settled();
    expect(fake.runs.map(({ request }) => request.prompt)).toEqual(['first', 'second']);
  });

  it('waits for a model that is being opened, which ends the running picture', async () => {
    await open('A');
    paint();
    paint();
    const opened = openModel(STARTER);
    await settled();
    expect(fake.cancels).toBe(1);
    expect(kind()).toBe('loading');
    expect(fake.runs).toHaveLength(1);
    fake.loads[1].resolve(fakeModel('B'));
    await opened;
    expect(fake.runs).toHaveLength(2);
  });

  it('goes along with another model that the person opens', async () => {
    await open('A');
    paint();
    paint();
    const opened = openModel({ id: 'model:own', source: { kind: 'folder', name: 'own', files: [] } });
    await settled();
    fake.loads[1].resolve(fakeModel('own'));
    await opened;
    // Not the first model again, which they were asked for with.
    expect([fake.loads, fake.runs].map(({ length }) => length)).toEqual([2, 2]);
    expect(queue.state.running?.child.model).toBe('model:own');
  });

  it('opens the model that a job is for, where another one is open, and takes off what cannot have its model', async () => {
    await open('A');
    paint();
    const [grid] = [queue.state.running?.grid].filter((one) => one !== undefined);
    const child = { ...grid.parent, parent: 'x', id: 'x/0', model: 'model:gone' };
    queue.enqueue({ parent: { ...child, id: 'x' }, children: [child], of: 1 });
    paint();
    fake.runs[0].resolve({ pictures: 1, totalMs: 1 });
    await expect.poll(() => fake.runs.length).toBe(2);
    expect(fake.runs.at(-1)?.request.prompt).toBe(grid.parent.request.prompt);
    expect(lastNotice().text).toBe('Removed 1 queued request: their model could not be opened.');
  });
});

describe('a run', () => {
  it('draws a random seed before the engine sees it and leaves the form random', async () => {
    await open();
    paint(() => 4242);
    expect(fake.runs[0].request.seed).toBe(4242);
    expect(useSettings.getState().values.seed).toBe(-1);
  });

  it('does not begin while a field is wrong', async () => {
    await open();
    typeNumber('steps', '0');
    expect(paint()).toBe(false);
    expect(fake.runs).toHaveLength(0);
  });

  it('shows its steps, then its picture', async () => {
    await open();
    paint();
    fake.runs[0].onEvent?.({ type: 'step', step: 3, of: 20, picture: 0, pictures: 1, msPerStep: 50 });
    expect(useJobs.getState().painting).toMatchObject({ step: 3, msPerStep: 50 });
    fake.runs[0].onEvent?.({ type: 'picture', picture: fakePicture(7), index: 0 });
    fake.runs[0].resolve({ pictures: 1, totalMs: 1 });
    await expect.poll(kind).toBe('ready');
    expect(newestResult(useGallery.getState())?.record).toMatchObject({ number: 1, request: { seed: 7 } });
    expect(useJobs.getState().decodeMs).toBe(300);
  });

  it('of a batch has nothing to show at first, so that the one before it stands until it has', async () => {
    await open();
    changeSettings({ seed: 6, batchCount: 2 });
    paint();
    const image = { width: 1, height: 1, rgba: new Uint8ClampedArray(4) };
    fake.runs[0].onEvent?.({ type: 'preview', image, noisy: image, sigma: 1, text: '', step: 1, picture: 0 });
    expect(useJobs.getState().painting).toMatchObject({ picture: 0, preview: image });
    fake.runs[0].resolve({ pictures: 1, totalMs: 1 });
    await settled();
    expect(useJobs.getState().painting).toMatchObject({ picture: 1, pictures: 2 });
    expect(useJobs.getState().painting?.preview).toBeUndefined();
  });

  it('leaves a recording of its steps, one picture at a time', async () => {
    await open();
    changeSettings({ seed: 6, batchCount: 2 });
    paint();
    const image = () => ({ width: 1, height: 1, rgba: new Uint8ClampedArray(4) });
    for (const run of [0, 1]) {
      const { onEvent, resolve } = fake.runs[run];
      onEvent?.({ type: 'stage', stage: 'encode-prompt', picture: 0, pictures: 1 });
      for (const step of [1, 2])
        onEvent?.({
          type: 'preview',
          image: image(),
          noisy: image(),
          sigma: 3 - step,
          text: 'a fox',
          step,
          picture: 0,
        });
      resolve({ pictures: 1, totalMs: 1 });
      await settled();
    }
    expect(useStepRecording.getState().request?.seed).toBe(7);
    expect(useStepRecording.getState().frames.map(({ sigma }) => sigma)).toEqual([2, 1]);
  });

  it('of a walk waits its turn like any other, keeps its pictures to itself and can be cancelled', async () => {
    await open();
    const painted = useGallery.getState().ids.length;
    changeSettings({ seed: 4, prompt: 'a fox' });
    paint();
    expect(paintWalk({ seed: 1 }, { seed: 2 }, 3)).toBe(true);
    expect(fake.walks).toHaveLength(0);
    fake.runs[0].resolve({ pictures: 1, totalMs: 1 });
    await settled();
    expect(fake.walks[0].request).toMatchObject({ from: { prompt: 'a fox', seed: 1 }, mix: { seed: 2, share: 0 } });
    fake.walks[0].onEvent?.({ type: 'picture', picture: fakePicture(1), index: 0 });
    expect(useWalk.getState()).toMatchObject({ of: 3, pictures: [{ picture: { request: { seed: 1 } } }] });
    expect(useGallery.getState().ids).toHaveLength(painted);
    fake.walks[0].resolve({ pictures: 1, totalMs: 1 });
    await settled();
    expect(fake.walks[1].request).toMatchObject({ from: { seed: 1 }, mix: { seed: 2, share: 0.5 } });
    expect(useJobs.getState().painting).toMatchObject({ picture: 1, pictures: 3 });
    cancelJob(useJobs.getState().painting?.job.parent ?? '');
    await settled();
    expect(kind()).toBe('ready');
    expect(useEngine.getState().problem).toBeUndefined();
    expect(useWalk.getState().pictures).toHaveLength(1);
  });

  it('that is cancelled is no problem; one that fails is', async () => {
    await open();
    paint();
    cancelPainting();
    await settled();
    expect(useEngine.getState().problem).toBeUndefined();
    paint();
    fake.runs[1].reject(new EaselError('out-of-memory', said`Too large.`));
    await settled();
    expect(useEngine.getState().problem).toMatchObject({ code: 'out-of-memory', during: 'paint' });
    expect(kind()).toBe('ready');
  });

  it('whose model produces NaN keeps its last preview and the last picture until the failure is dismissed', async () => {
    await open();
    paint();
    fake.runs[0].onEvent?.({ type: 'picture', picture: fakePicture(7), index: 0 });
    fake.runs[0].resolve({ pictures: 1, totalMs: 1 });
    await expect.poll(kind).toBe('ready');
    paint();
    const image = { width: 1, height: 1, rgba: new Uint8ClampedArray([1, 2, 3, 255]) };
    fake.runs[1].onEvent?.({ type: 'step', step: 2, of: 20, picture: 0, pictures: 1, msPerStep: 50 });
    fake.runs[1].onEvent?.({ type: 'preview', image, noisy: image, sigma: 4.2, text: 'a fox', step: 2, picture: 0 });
    const error = new EaselError('internal', said`The model produced NaN or infinity at step 3 of 20 (sigma 4.200).`);
    fake.runs[1].reject(error);
    await expect.poll(kind).toBe('ready');
    expect(useEngine.getState().problem).toMatchObject({ code: 'internal', message: error.message, during: 'paint' });
    expect(useJobs.getState().interrupted).toMatchObject({ step: 2, of: 20, preview: image });
    expect(Object.values(useGallery.getState().results).map(({ record }) => record.request.seed)).toEqual([7]);
    dismissProblem();
    expect([useEngine.getState().problem, useJobs.getState().interrupted]).toEqual([undefined, undefined]);
    expect(useGallery.getState().ids).toHaveLength(1);
  });

  it('that is cancelled, or fails before its first preview, leaves nothing on the stage', async () => {
    await open();
    paint();
    fake.runs[0].reject(new EaselError('internal', said`Early.`));
    await expect.poll(kind).toBe('ready');
    expect(useJobs.getState().interrupted).toBeUndefined();
    paint();
    const image = { width: 1, height: 1, rgba: new Uint8ClampedArray(4) };
    fake.runs[1].onEvent?.({ type: 'step', step: 1, of: 20, picture: 0, pictures: 1, msPerStep: 50 });
    fake.runs[1].onEvent?.({ type: 'preview', image, noisy: image, sigma: 9, text: 'a fox', step: 1, picture: 0 });
    cancelPainting();
    await expect.poll(kind).toBe('ready');
    expect(useJobs.getState().interrupted).toBeUndefined();
  });

  it('that loses the device says so, with its preview, until the model is back', async () => {
    await open();
    paint(() => 5);
    const image = { width: 1, height: 1, rgba: new Uint8ClampedArray(4) };
    fake.runs[0].onEvent?.({ type: 'step', step: 1, of: 20, picture: 0, pictures: 1, msPerStep: 50 });
    fake.runs[0].onEvent?.({ type: 'preview', image, noisy: image, sigma: 9, text: 'a fox', step: 1, picture: 0 });
    fake.runs[0].reject(new EaselError('device-lost', said`Gone.`));
    await settled();
    fake.loads[1].onEvent?.({ type: 'download', loadedBytes: 1, totalBytes: 2, file: 'unet' });
    expect(isRecovering(useEngine.getState())).toBe(true);
    expect(useJobs.getState().interrupted?.preview).toBe(image);
    fake.loads[1].resolve(fakeModel('A'));
    await expect.poll(kind).toBe('painting');
    expect(isRecovering(useEngine.getState())).toBe(false);
    expect(useJobs.getState().interrupted).toBeUndefined();
  });

  it('that loses the device is painted again once the model is back, and only once', async () => {
    await open();
    paint(() => 5);
    for (const attempt of [1, 2]) {
      fake.runs.at(-1)?.reject(new EaselError('device-lost', said`Gone.`));
      await settled();
      fake.loads.at(-1)?.resolve(fakeModel('A'));
      await settled();
      expect(fake.loads).toHaveLength(1 + attempt);
    }
    expect(fake.runs.map(({ request }) => request.seed)).toEqual([5, 5]);
    expect(useEngine.getState().problem?.code).toBe('device-lost');
    expect(kind()).toBe('ready');
  });
});

/** Paints requests with these prompts, and so many pictures of each. */
function paintAll(...wanted: [prompt: string, pictures?: number][]): void {
  for (const [prompt, batchCount = 1] of wanted) {
    changeSettings({ prompt, batchCount, seed: 1 });
    paint();
  }
}

const lastNotice = () => useNotices.getState().notices.slice(-1)[0];
/** What the engine was asked for so far: prompts and seeds. */
const asked = () => fake.runs.map(({ request: { prompt, seed } }) => `${prompt} ${seed}`);
const waiting = () => queue.state.waiting.map(({ parent, children }) => `${parent.request.prompt} ${children.length}`);

describe('cancelling', () => {
  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const opened = openModel(STARTER);
    await vi.advanceTimersByTimeAsync(0);
    fake.loads.at(-1)?.resolve(fakeModel('A'));
    await opened;
  });

  afterEach(() => vi.useRealTimers());

  const soon = () => vi.advanceTimersByTimeAsync(1);
  const later = () => vi.advanceTimersByTimeAsync(2000);

  it('ends the running picture, and its batch and the queue go on', async () => {
    paintAll(['a', 3], ['b']);
    cancelPainting();
    await soon();
    expect([asked(), waiting()]).toEqual([['a 1', 'a 2'], ['b 1']]);
    await later();
    // A wish of its own again.
    cancelPainting();
    await soon();
    expect([asked(), waiting()]).toEqual([['a 1', 'a 2', 'a 3'], ['b 1']]);
    expect(useNotices.getState().notices).toEqual([]);
  });

  it('twice within 2 s ends the batch and the queue; Undo brings back what was left, of the running batch too', async () => {
    paintAll(['a', 4], ['b'], ['c', 2]);
    fake.runs[0].resolve({ pictures: 1, totalMs: 1 });
    await soon();
    cancelPainting();
    await soon();
    expect(asked()).toEqual(['a 1', 'a 2', 'a 3']);
    cancelPainting();
    await soon();
    expect([kind(), asked().length, waiting()]).toEqual(['ready', 3, []]);
    expect(lastNotice().text).toBe('Removed 3 queued requests');
    lastNotice().action?.run();
    await soon();
    // The picture that was meant to be skipped stays skipped; the one that ended with all the others is painted.
    expect([asked().slice(3), waiting()]).toEqual([['a 3'], ['b 1', 'c 2']]);
    fake.runs[3].resolve({ pictures: 1, totalMs: 1 });
    await soon();
    expect(asked().at(-1)).toBe('a 4');
  });

  it('of one job by itself keeps the others; of the running one ends it with its batch', async () => {
    paintAll(['a', 2], ['b'], ['c']);
    const [b] = queue.state.waiting;
    cancelJob(b.parent.id);
    expect([asked(), waiting()]).toEqual([['a 1'], ['c 1']]);
    lastNotice().action?.run();
    expect(waiting()).toEqual(['b 1', 'c 1']);
    cancelJob(queue.state.running?.grid.parent.id ?? '');
    await soon();
    expect([asked(), waiting()]).toEqual([['a 1', 'b 1'], ['c 1']]);
  });

  it('of everything at once ends what is painted and takes off what waits', async () => {
    paintAll(['a', 2], ['b']);
    cancelAll();
    await soon();
    expect([kind(), asked(), waiting()]).toEqual(['ready', ['a 1'], []]);
    expect(lastNotice().text).toBe('Removed 2 queued requests');
  });

  it('of a picture that does not end ends the engine only where nothing is left to take off; its batch comes back', async () => {
    fake.ignoresCancel = true;
    paintAll(['a', 2]);
    cancelPainting();
    await later();
    cancelPainting();
    await later();
    expect([fake.stops, waiting()]).toEqual([0, []]);
    cancelPainting();
    engineStopped(new EaselError('engine-stopped', said`Gone.`));
    expect(fake.stops).toBe(1);
    await soon();
    expect(waiting()).toEqual(['a 1']);
  });

  it('goes on with the batch where the engine ended by itself over the picture that was to be skipped', async () => {
    fake.ignoresCancel = true;
    paintAll(['a', 2], ['b']);
    cancelPainting();
    engineStopped(new EaselError('engine-stopped', said`Gone.`));
    fake.runs[0].reject(new EaselError('engine-stopped', said`Gone.`));
    await soon();
    expect(waiting()).toEqual(['a 1', 'b 1']);
  });
});

describe('a batch', () => {
  it('is painted a picture at a time, its seeds counting on, and shows which picture it is', async () => {
    await open();
    paintAll(['a', 3]);
    const seen: unknown[] = [];
    for (const run of [0, 1, 2]) {
      const { painting } = useJobs.getState();
      seen.push([painting?.picture, painting?.pictures, painting?.job.request.seed, fake.runs[run].request.batchCount]);
      fake.runs[run].resolve({ pictures: 1, totalMs: 1 });
      await settled();
    }
    expect(seen).toEqual([
      [0, 3, 1, 1],
      [1, 3, 2, 1],
      [2, 3, 3, 1],
    ]);
    expect(kind()).toBe('ready');
    expect(useJobs.getState().painting).toBeUndefined();
  });

  it('says once what is said with each of its pictures', async () => {
    await open();
    paintAll(['a', 2]);
    for (const run of [0, 1]) {
      fake.runs[run].onEvent?.({
        type: 'picture',
        picture: { ...fakePicture(run), notes: [said`x does nothing.`] },
        index: 0,
      });
      fake.runs[run].resolve({ pictures: 1, totalMs: 1 });
      await expect.poll(() => useGallery.getState().ids.length).toBe(run + 1);
      await settled();
    }
    expect(useNotices.getState().notices.filter(({ text }) => text === 'x does nothing.')).toHaveLength(1);
  });

  it('ends with the picture that fails: the rest would fail as well', async () => {
    await open();
    paintAll(['a', 3], ['b']);
    fake.runs[0].reject(new EaselError('out-of-memory', said`Too large.`));
    await settled();
    expect([asked(), waiting()]).toEqual([['a 1', 'b 1'], []]);
  });
});

describe('opening a model', () => {
  it('that cannot be read leaves the one before and says why', async () => {
    await open('A');
    const opened = openModel({ id: 'model:broken', source: { kind: 'folder', name: 'broken', files: [] } });
    await settled();
    fake.loads[1].reject(new EaselError('corrupt', said`unet is cut short.`));
    expect(await opened).toBe(false);
    expect(useEngine.getState()).toMatchObject({
      status: { kind: 'ready' },
      model: { info: { name: 'A' } },
      problem: { code: 'corrupt', during: 'load', subject: 'broken' },
    });
    paint();
    expect(fake.runs).toHaveLength(1);
  });

  it('that cannot be read and is the first leaves none, and keeps what was asked for', async () => {
    paint();
    const opened = openModel(STARTER);
    await settled();
    fake.loads[0].reject(new EaselError('offline', said`No network.`));
    await opened;
    expect(kind()).toBe('empty');
    expect(queue.state.waiting).toHaveLength(1);
    await open();
    expect(fake.runs).toHaveLength(1);
  });
});
