import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EaselError, said } from '../../core/errors';
import { blankPicture } from '../../core/image/picture';
import { DEFAULT_REQUEST } from '../../core/request/request';
import { documentOf } from '../../editor/document/document';
import { PLAIN_INFO } from '../../model/fixtures/plain-info';
import { canvas } from '../canvas/canvas';
import { useEngine } from '../engine';
import { connectEngine } from '../engine-port';
import { FakeEngine, fakeModel, fakePicture, settled } from '../fixtures/fake-engine';
import { resetJobs } from '../fixtures/reset-jobs';
import { useGallery } from '../gallery/gallery';
import { openModel } from '../library/models';
import { STARTER } from '../library/starter';
import { useNotices } from '../notices';
import { usePromptHistory } from '../settings/prompt-history';
import { changeSettings, resetSettings, typeNumber } from '../settings/settings';
import { queue, useJobs } from './jobs';
import { followLive, keepLive, liveRequest, setLive } from './live';
import { useLive } from './live-picture';
import { useSpeed } from './live-speed';
import { paint } from './paint';
import { persistJobs } from './persist-jobs';
import { startQueue } from './run-jobs';

let fake: FakeEngine;
let stops: (() => void)[];

beforeEach(async () => {
  // How long a person has seen nothing decides what is ended: that is told here, and is not what the machine takes.
  vi.useFakeTimers({ toFake: ['performance'] });
  fake = new FakeEngine();
  connectEngine(fake);
  useEngine.setState(useEngine.getInitialState(), true);
  resetJobs();
  useGallery.setState(useGallery.getInitialState(), true);
  useLive.setState(useLive.getInitialState(), true);
  useSpeed.setState(useSpeed.getInitialState(), true);
  useNotices.setState({ notices: [] });
  resetSettings();
  stops = [startQueue(), followLive()];
  const opened = openModel(STARTER);
  await settled();
  fake.loads[0].resolve(fakeModel('A'));
  await opened;
  useLive.setState({ source: 'words' });
});

afterEach(() => {
  setLive(false);
  for (const stop of stops) stop();
  vi.useRealTimers();
});

const asked = () => fake.runs.map(({ request }) => request.prompt);

/** The engine finishes what it was asked for last, and the picture is where it goes: results are hashed beside. */
async function finish(ms = 300, at = fake.runs.length - 1): Promise<void> {
  const child = queue.state.running?.child;
  const { request, onEvent, resolve } = fake.runs[at];
  const timings = { encodeMs: 0, denoiseMs: ms, decodeMs: 0, totalMs: ms };
  onEvent?.({ type: 'picture', index: 0, picture: { ...fakePicture(request.seed), request, timings } });
  resolve({ pictures: 1, totalMs: ms });
  await expect.poll(() => queue.state.running?.child === child, { interval: 1 }).toBe(false);
  await settled();
}

async function type(prompt: string): Promise<void> {
  changeSettings({ prompt });
  await settled();
}

describe('painting live', () => {
  it('paints what is typed, always of one seed, and stores none of it until it is kept', async () => {
    const saved: number[] = [];
    stops.push(
      persistJobs({
        save: async (grids) => void saved.push(grids.length),
        earlier: async () => ({ grids: [], forget: async () => undefined }),
      }),
    );
    setLive(true);
    await settled();
    await finish();
    await type('a fox');
    await finish();
    expect(asked()).toEqual(['', 'a fox']);
    expect(new Set(fake.runs.map(({ request }) => request.seed)).size).toBe(1);
    expect(fake.runs[1].request.seed).toBeGreaterThanOrEqual(0);
    expect(useGallery.getState().ids).toHaveLength(0);
    expect(usePromptHistory.getState().prompts).toEqual([]);
    expect(Math.max(...saved)).toBe(0);
    expect(useJobs.getState().painting).toBeUndefined();
    await keepLive();
    await keepLive();
    expect(useGallery.getState().ids).toHaveLength(1);
    expect(useLive.getState().picture).toMatchObject({ isKept: true, painted: { request: { prompt: 'a fox' } } });
  });

  it('ends the running picture for a newer change, and queues none up', async () => {
    setLive(true);
    await settled();
    for (const prompt of ['a', 'a f', 'a fox']) await type(prompt);
    expect(queue.state.waiting).toHaveLength(0);
    expect(fake.cancels).toBe(fake.runs.length - 1);
    await finish();
    expect(asked().at(-1)).toBe('a fox');
    expect(useLive.getState().picture?.painted.request.prompt).toBe('a fox');
    await settled();
    expect(fake.runs.filter(({ request }) => request.prompt === 'a fox')).toHaveLength(1);
  });

  it('lets the running picture finish where nothing was to be seen for a second', async () => {
    setLive(true);
    await settled();
    await type('a');
    expect(fake.cancels).toBe(1);
    vi.advanceTimersByTime(999);
    await type('a f');
    expect(fake.cancels).toBe(2);
    vi.advanceTimersByTime(1);
    await type('a fox');
    expect(fake.cancels).toBe(2);
    await finish();
    expect(useLive.getState().picture?.painted.request.prompt).toBe('a f');
    expect(asked().at(-1)).toBe('a fox');
    await type('a red fox');
    expect(fake.cancels).toBe(3);
  });

  it('lets what Generate asked for go first, shows that, and goes on with the next change', async () => {
    setLive(true);
    await settled();
    await finish();
    paint(() => 5);
    expect(fake.runs.at(-1)?.request.seed).toBe(5);
    expect(useLive.getState().isShown).toBe(false);
    await type('a fox');
    expect(fake.cancels).toBe(0);
    expect(asked()).toEqual(['', '']);
    await finish();
    // A result is stored before what waits has its turn.
    await expect.poll(asked).toEqual(['', '', 'a fox']);
    await finish();
    expect(useLive.getState().isShown).toBe(true);
    expect(useGallery.getState().ids).toHaveLength(1);
    await type('a red fox');
    paint(() => 6);
    await expect.poll(() => fake.runs.at(-1)?.request.seed).toBe(6);
    expect(fake.cancels).toBe(1);
  });

  it('says why it waits where a picture takes too long, and what would do, and goes on with that', async () => {
    changeSettings({ steps: 20, width: 512, height: 512, cfgScale: 1 });
    setLive(true);
    await settled();
    await finish(9000); // pays for what the device sets up
    await type('a fox');
    await finish(4000);
    expect(useLive.getState().problem).toBeUndefined();
    await type('a red fox');
    expect(asked()).toEqual(['', 'a fox']);
    // 200 ms a step.
    expect(useLive.getState().problem).toContain('about 4.00 s');
    expect(useLive.getState().problem).toContain('4 steps would do.');
    changeSettings({ steps: 5 });
    await settled();
    expect(fake.runs).toHaveLength(2);
    changeSettings({ steps: 4 });
    await settled();
    expect(fake.runs.at(-1)?.request).toMatchObject({ prompt: 'a red fox', steps: 4 });
    expect(useLive.getState().problem).toBeUndefined();
  });

  it('shows a failure beside the toggle, and tries the next change', async () => {
    setLive(true);
    await settled();
    fake.runs[0].reject(new EaselError('bad-request', said`Of this prompt nothing is left.`));
    await settled();
    expect(useLive.getState().problem).toBe('Of this prompt nothing is left.');
    expect(useEngine.getState().problem).toBeUndefined();
    await type('a fox');
    await finish();
    expect(useLive.getState()).toMatchObject({ problem: undefined, isShown: true });
    expect(useNotices.getState().notices).toEqual([]);
  });

  it('paints from the canvas as it is sketched on, and keeps the picture at its place', async () => {
    const grey = (level: number) => documentOf(blankPicture({ width: 256, height: 256 }, [level, level, level, 255]));
    canvas.openPicture(grey(9));
    useLive.setState({ source: 'canvas' });
    setLive(true);
    await expect.poll(() => fake.runs.length).toBe(1);
    expect(fake.runs[0].given?.picture?.data[0]).toBe(9);
    await finish();
    canvas.openPicture(grey(7));
    await expect.poll(() => fake.runs.length).toBe(2);
    expect(fake.runs[1].given?.picture?.data[0]).toBe(7);
    await finish();
    expect(useLive.getState().picture).toMatchObject({ source: 'canvas', job: { place: { width: 256, height: 256 } } });
    expect(useGallery.getState().ids).toHaveLength(0);
  });

  it('rests while a field is wrong, and where nothing is painted', async () => {
    setLive(true);
    await settled();
    typeNumber('steps', '0');
    expect(fake.cancels).toBe(1);
    typeNumber('steps', '7');
    await settled();
    expect(fake.runs.at(-1)?.request.steps).toBe(7);
    useLive.setState({ source: undefined });
    expect(fake.cancels).toBe(2);
    await type('a fox');
    expect(fake.runs).toHaveLength(2);
  });
});

describe('the request', () => {
  const fast = { sampler: 'lcm', steps: 8, cfgScale: 1 } as const;
  const request = { ...DEFAULT_REQUEST, batchCount: 4, hires: true, steps: 30, seed: -1, schedule: 'karras' as const };

  it('is one picture in one pass, in few steps where the model has them', () => {
    const few = liveRequest(request, { ...PLAIN_INFO, fast }, 9);
    expect(few).toMatchObject({ ...fast, fast: true, schedule: 'automatic', batchCount: 1, hires: undefined, seed: 9 });
    expect(liveRequest({ ...request, steps: 4, seed: 3 }, { fast }, 9)).toMatchObject({ steps: 4, seed: 3 });
  });

  it('is the form’s own otherwise', () => {
    expect(liveRequest(request, { fast: undefined }, 9)).toMatchObject({ steps: 30, schedule: 'karras' });
    const chosen = { ...request, fast: true, steps: 12, cfgScale: 2 };
    expect(liveRequest(chosen, { fast }, 9)).toMatchObject({ steps: 12, cfgScale: 2, schedule: 'karras' });
  });
});
