import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EaselError } from '../../core/errors';
import { dismissProblem, type EngineState, isRecovering, useEngine } from '../engine';
import { connectEngine } from '../engine-port';
import { FakeEngine, fakeModel, fakePicture, settled } from '../fixtures/fake-engine';
import { newestResult, useGallery } from '../gallery/gallery';
import { openModel } from '../library/models';
import { STARTER } from '../library/starter';
import { useNotices } from '../notices';
import { changeSettings, resetSettings, typeNumber, useSettings } from '../settings/settings';
import { useFilm } from './film';
import { cancelPainting, keepPainting, paint, paintWalk } from './paint';
import { useWalk } from './walk';

const initial = useEngine.getInitialState();
let fake: FakeEngine;
let stop: () => void;

beforeEach(() => {
  fake = new FakeEngine();
  connectEngine(fake);
  useEngine.setState(initial, true);
  useGallery.setState(useGallery.getInitialState(), true);
  useNotices.setState({ notices: [] });
  resetSettings();
  stop = keepPainting();
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

  it('paints one after another, each with the settings it was asked with', async () => {
    await open();
    changeSettings({ prompt: 'first' });
    paint();
    changeSettings({ prompt: 'second' });
    paint();
    expect(fake.runs.map(({ request }) => request.prompt)).toEqual(['first']);
    expect(useEngine.getState().queue).toHaveLength(1);
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

  it('is taken off by cancelling, and can be put back', async () => {
    await open();
    paint();
    paint();
    cancelPainting();
    await settled();
    expect(kind()).toBe('ready');
    expect(useEngine.getState().queue).toEqual([]);
    useNotices.getState().notices[0].action?.run();
    expect(fake.runs).toHaveLength(2);
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
    expect(useEngine.getState().status).toMatchObject({ kind: 'painting', painting: { step: 3, msPerStep: 50 } });
    fake.runs[0].onEvent?.({ type: 'picture', picture: fakePicture(7), index: 0 });
    fake.runs[0].resolve({ pictures: 1, totalMs: 1 });
    await expect.poll(kind).toBe('ready');
    expect(newestResult(useGallery.getState())?.record).toMatchObject({ number: 1, request: { seed: 7 } });
    expect(useEngine.getState().decodeMs).toBe(300);
  });

  it('leaves the film of its steps, one picture at a time', async () => {
    await open();
    changeSettings({ seed: 6 });
    paint();
    const image = () => ({ width: 1, height: 1, rgba: new Uint8ClampedArray(4) });
    for (const picture of [0, 1]) {
      fake.runs[0].onEvent?.({ type: 'stage', stage: 'denoise', picture, pictures: 2 });
      for (const step of [1, 2])
        fake.runs[0].onEvent?.({ type: 'preview', image: image(), noisy: image(), sigma: 3 - step, step, picture });
    }
    expect(useFilm.getState().request?.seed).toBe(7);
    expect(useFilm.getState().frames.map(({ sigma }) => sigma)).toEqual([2, 1]);
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
    expect(fake.walks[0].request).toMatchObject({ from: { prompt: 'a fox', seed: 1 }, to: { seed: 2 }, pictures: 3 });
    fake.walks[0].onEvent?.({ type: 'picture', picture: fakePicture(1), index: 0 });
    expect(useWalk.getState()).toMatchObject({ of: 3, pictures: [{ picture: { request: { seed: 1 } } }] });
    expect(useGallery.getState().ids).toHaveLength(painted);
    cancelPainting();
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
    fake.runs[1].reject(new EaselError('out-of-memory', 'Too large.'));
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
    fake.runs[1].onEvent?.({ type: 'preview', image, noisy: image, sigma: 4.2, step: 2, picture: 0 });
    const message = 'The model produced NaN or infinity at step 3 of 20 (sigma 4.200).';
    fake.runs[1].reject(new EaselError('internal', message));
    await expect.poll(kind).toBe('ready');
    expect(useEngine.getState()).toMatchObject({
      problem: { code: 'internal', message, during: 'paint' },
      interrupted: { step: 2, of: 20, preview: image },
    });
    expect(Object.values(useGallery.getState().results).map(({ record }) => record.request.seed)).toEqual([7]);
    dismissProblem();
    expect(useEngine.getState()).toMatchObject({ problem: undefined, interrupted: undefined });
    expect(useGallery.getState().ids).toHaveLength(1);
  });

  it('that is cancelled, or fails before its first preview, leaves nothing on the stage', async () => {
    await open();
    paint();
    fake.runs[0].reject(new EaselError('internal', 'Early.'));
    await expect.poll(kind).toBe('ready');
    expect(useEngine.getState().interrupted).toBeUndefined();
    paint();
    const image = { width: 1, height: 1, rgba: new Uint8ClampedArray(4) };
    fake.runs[1].onEvent?.({ type: 'step', step: 1, of: 20, picture: 0, pictures: 1, msPerStep: 50 });
    fake.runs[1].onEvent?.({ type: 'preview', image, noisy: image, sigma: 9, step: 1, picture: 0 });
    cancelPainting();
    await expect.poll(kind).toBe('ready');
    expect(useEngine.getState().interrupted).toBeUndefined();
  });

  it('that loses the device says so, with its preview, until the model is back', async () => {
    await open();
    paint(() => 5);
    const image = { width: 1, height: 1, rgba: new Uint8ClampedArray(4) };
    fake.runs[0].onEvent?.({ type: 'step', step: 1, of: 20, picture: 0, pictures: 1, msPerStep: 50 });
    fake.runs[0].onEvent?.({ type: 'preview', image, noisy: image, sigma: 9, step: 1, picture: 0 });
    fake.runs[0].reject(new EaselError('device-lost', 'Gone.'));
    await settled();
    fake.loads[1].onEvent?.({ type: 'download', loadedBytes: 1, totalBytes: 2, file: 'unet' });
    expect(isRecovering(useEngine.getState())).toBe(true);
    expect(useEngine.getState().interrupted?.preview).toBe(image);
    fake.loads[1].resolve(fakeModel('A'));
    await expect.poll(kind).toBe('painting');
    expect(isRecovering(useEngine.getState())).toBe(false);
    expect(useEngine.getState().interrupted).toBeUndefined();
  });

  it('that loses the device is painted again once the model is back, and only once', async () => {
    await open();
    paint(() => 5);
    for (const attempt of [1, 2]) {
      fake.runs.at(-1)?.reject(new EaselError('device-lost', 'Gone.'));
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

describe('opening a model', () => {
  it('that cannot be read leaves the one before and says why', async () => {
    await open('A');
    const opened = openModel({ id: 'model:broken', source: { kind: 'folder', name: 'broken', files: [] } });
    await settled();
    fake.loads[1].reject(new EaselError('corrupt', 'unet is cut short.'));
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
    fake.loads[0].reject(new EaselError('offline', 'No network.'));
    await opened;
    expect(kind()).toBe('empty');
    expect(useEngine.getState().queue).toHaveLength(1);
    await open();
    expect(fake.runs).toHaveLength(1);
  });
});
