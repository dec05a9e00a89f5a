import { afterEach, beforeEach, expect, it } from 'vitest';
import { useEngine } from '../engine';
import { connectEngine } from '../engine-port';
import { FakeEngine, fakeModel, fakePicture, settled } from '../fixtures/fake-engine';
import { resetJobs } from '../fixtures/reset-jobs';
import { addPicture, useGallery } from '../gallery/gallery';
import { takeSettings } from '../imports/take-settings';
import { chooseVae } from '../library/autoencoders';
import { addRecord } from '../library/library';
import { holdFiles } from '../library/library-files';
import { openModel } from '../library/models';
import { STARTER } from '../library/starter';
import { undoNoticed, useNotices } from '../notices';
import { changeSettings, resetSettings } from '../settings/settings';
import { cancelAll } from './cancel';
import { queue } from './jobs';
import { paintCell, paintPlot, plotOutlook, usePlotForm } from './paint-plot';
import { usePlot } from './plot';
import { readQueueRecord, writeQueueRecord } from './queue-record';
import { startQueue } from './run-jobs';

const AXES = [
  { id: 'steps', text: '5, 10, 15' },
  { id: 'cfgScale', text: '4, 7' },
] as const;

let fake: FakeEngine;
let stop: () => void;

beforeEach(async () => {
  fake = new FakeEngine();
  connectEngine(fake);
  useEngine.setState(useEngine.getInitialState(), true);
  usePlot.setState(usePlot.getInitialState(), true);
  resetJobs();
  resetSettings();
  useGallery.setState(useGallery.getInitialState(), true);
  stop = startQueue();
  const opened = openModel(STARTER);
  await settled();
  fake.loads.at(-1)?.resolve(fakeModel('A'));
  await opened;
});

afterEach(() => stop());

/** Has the engine bring the picture that it is at. */
async function bring(): Promise<void> {
  const run = fake.runs.at(-1);
  run?.onEvent?.({ type: 'picture', index: 0, picture: { ...fakePicture(1), request: run.request } });
  run?.resolve({ pictures: 1, totalMs: 1 });
  await settled();
  await settled();
}

/** Adds an autoencoder to the library. */
async function addVae(name: string): Promise<void> {
  const id = `vae:${name}`;
  await addRecord({ v: 1, id, kind: 'vae', name, place: { kind: 'dropped' }, bytes: 1, usedAt: 0 });
  holdFiles(id, { kind: 'folder', name, files: [{ path: `${name}.safetensors`, file: new File(['.'], name) }] });
}

const cells = () => usePlot.getState().cells;

it('says how many pictures a plot comes to and how long they take, or why it cannot be painted', async () => {
  expect(plotOutlook(AXES, useGallery.getState())).toEqual({ count: 6 });
  const timings = { encodeMs: 1, denoiseMs: 2000, decodeMs: 300, totalMs: 2301 };
  await addPicture({ ...fakePicture(1), timings }, 'A'); // of 20 steps
  // 100 ms for each of twice 5 + 10 + 15 steps, and six times what comes before and after them.
  expect(plotOutlook(AXES, useGallery.getState())).toEqual({ count: 6, ms: 60 * 100 + 6 * 301 });
  expect(plotOutlook([{ id: 'steps', text: '0' }], useGallery.getState())).toEqual({
    problem: 'Steps must be at least 1.',
  });
  expect(paintPlot([{ id: 'seed', text: '1-10000' }])).toBe(false);
  expect(queue.state.waiting).toEqual([]);
});

it('fills its cells as they come, keeps those that are done when it is cancelled, and paints one again', async () => {
  changeSettings({ prompt: 'a fox', seed: 7 });
  expect(paintPlot(AXES)).toBe(true);
  await settled();
  await expect.poll(() => fake.runs.at(-1)?.request).toMatchObject({ steps: 5, cfgScale: 4, seed: 7, prompt: 'a fox' });
  await bring();
  await expect.poll(() => fake.runs.at(-1)?.request).toMatchObject({ steps: 10, cfgScale: 4, seed: 7 });
  await bring();
  await expect.poll(() => cells().map((id) => id !== undefined)).toEqual([true, true, false, false, false, false]);
  const [first] = cells();
  expect(useGallery.getState().results[first ?? '']?.record.request.steps).toBe(5);
  cancelAll();
  await bring();
  expect(cells().filter((id) => id !== undefined).length).toBeGreaterThanOrEqual(2);

  const runs = fake.runs.length;
  paintCell(0);
  await settled();
  await expect.poll(() => fake.runs.length).toBe(runs + 1);
  await expect.poll(() => fake.runs.at(-1)?.request).toMatchObject({ steps: 5, cfgScale: 4, seed: 7 });
  await bring();
  await expect.poll(() => cells()[0]).not.toBe(first);
  expect(useGallery.getState().ids).toContain(first);
  expect(cells()).toHaveLength(6);
});

it('decodes each cell by the autoencoder of its value, and what comes after by the one that was chosen', async () => {
  for (const name of ['ft-mse', 'anime']) await addVae(name);
  await chooseVae('starter', 'vae:anime');
  paintPlot([{ id: 'vae', text: 'ft-mse.safetensors, None, Automatic' }, { id: 'steps', text: '5,10' }]); // biome-ignore format: one line
  // Cells of one autoencoder come together, so that each is attached once.
  const attached: (typeof fake.vaes)[] = [];
  for (const run of [1, 2, 3, 4, 5, 6]) {
    await expect.poll(() => fake.runs.length).toBe(run);
    attached.push(fake.vaes.slice(1));
    await bring();
  }
  const own = ['ft-mse.safetensors', undefined];
  const chosen = [...own, 'anime.safetensors'];
  expect(attached).toEqual([own.slice(0, 1), own.slice(0, 1), own, own, chosen, chosen]);
});

it('is stored with what its cells stand for', () => {
  stop();
  paintPlot(AXES);
  const stored = JSON.parse(JSON.stringify(writeQueueRecord(queue.state.waiting)));
  const [grid] = readQueueRecord(stored) ?? [];
  expect(grid.parent.plot).toEqual(queue.state.waiting[0].parent.plot);
  expect(grid.children.map(({ cell }) => cell)).toEqual([0, 1, 2, 3, 4, 5].map((at) => ({ at })));
});

it('draws the random seeds of an axis once, and keeps them with the plot', () => {
  changeSettings({ seed: 5 });
  let next = 11;
  paintPlot([{ id: 'seed', text: '3, -1' }, { id: 'steps', text: '1,2' }], () => next++); // biome-ignore format: one line
  const [first] = [queue.state.running?.grid];
  const seeds = [queue.state.running?.child, ...(first?.children ?? [])].map((job) => job?.request.seed);
  expect(seeds).toEqual([3, 11, 3, 11]);
  expect(usePlot.getState().plot.axes[0].fixed).toEqual([3, 11]);
});

it('takes the axes of a plot from its picture’s text, and gives them back', () => {
  const before = usePlotForm.getState().axes;
  takeSettings({ request: { prompt: 'a fox' }, ignored: [], plot: [{ id: 'steps', text: '1-3' }] }, 'plot.png');
  expect(usePlotForm.getState().axes).toEqual([{ id: 'steps', text: '1-3' }, before[1], before[2]]);
  expect(useNotices.getState().notices.at(-1)?.text).toContain('Its axis stands in “X/Y/Z plot…”');
  expect(undoNoticed()).toBe(true);
  expect(usePlotForm.getState().axes).toBe(before);
});
