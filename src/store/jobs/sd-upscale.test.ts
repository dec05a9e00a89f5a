import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { said as sentence, spoken } from '../../core/errors';
import { blankPicture, type Picture } from '../../core/image/picture';
import { DEFAULT_REQUEST } from '../../core/request/request';
import { documentOf } from '../../editor/document/document';
import { remainingOf } from '../../jobs/queue';
import { canvas } from '../canvas/canvas';
import { useEngine } from '../engine';
import { connectEngine } from '../engine-port';
import { FakeEngine, fakeModel, fakePicture, settled } from '../fixtures/fake-engine';
import { resetJobs } from '../fixtures/reset-jobs';
import { newestResult, useGallery } from '../gallery/gallery';
import { openModel } from '../library/models';
import { STARTER } from '../library/starter';
import { useNotices } from '../notices';
import { changeSettings, resetSettings } from '../settings/settings';
import { cancelPainting } from './cancel';
import { canPaintAgain } from './from-result';
import { queue, useJobs } from './jobs';
import { stageText } from './painting-progress';
import { readQueueRecord, writeQueueRecord } from './queue-record';
import { startQueue } from './run-jobs';
import { paintFrameLarger, paintLarger } from './sd-upscale';

let fake: FakeEngine;
let stop: () => void;
beforeEach(async () => {
  fake = new FakeEngine();
  connectEngine(fake);
  useEngine.setState(useEngine.getInitialState(), true);
  resetJobs();
  resetSettings();
  useGallery.setState(useGallery.getInitialState(), true);
  useNotices.setState({ notices: [] });
  stop = startQueue();
  const opened = openModel(STARTER);
  await settled();
  fake.loads.at(-1)?.resolve(fakeModel('A', { width: 256, height: 256 }));
  await opened;
});
afterEach(() => stop());

const of = (width: number, height: number): Picture => ({
  width,
  height,
  data: new Uint8ClampedArray(4 * width * height),
});
const request = {
  ...DEFAULT_REQUEST,
  prompt: 'a fox',
  seed: 7,
  width: 640,
  height: 512,
  hires: true,
  denoisingStrength: 0.9,
};
const larger = (picture = of(640, 512), factor = 2, upscaler = 'nearest') =>
  paintLarger({ picture, request, origin: { number: 3, id: 'r' }, factor, upscaler });
const said = () => useNotices.getState().notices.map(({ text }) => text);
const asked = async () => {
  await vi.waitFor(() => expect(fake.runs).toHaveLength(1));
  return fake.runs[0];
};

it('is painted in tiles of the model’s own size, as the form says, and goes on after a reload', async () => {
  changeSettings({ sdUpscaleOverlap: 96, sdUpscaleStrength: 0.4 });
  larger();
  const { request: sent, given } = await asked();
  expect(sent).toMatchObject({
    seed: 7,
    width: 256,
    height: 256,
    sdUpscale: true,
    sdUpscaleFactor: 2,
    sdUpscaleUpscaler: 'nearest',
    sdUpscaleOverlap: 96,
    sdUpscaleStrength: 0.4,
  });
  expect([sent.hires, sent.denoisingStrength]).toEqual([undefined, undefined]);
  expect(given?.picture).toMatchObject({ width: 640, height: 512 });
  const waiting = readQueueRecord(structuredClone(writeQueueRecord(remainingOf(queue.state))));
  expect(waiting?.[0].parent).toMatchObject({ recipe: 'sd-upscale', origin: { number: 3, way: 'sd-upscale' } });
});

it('says which tile is painted; cancelled, what the engine has done comes with the results', async () => {
  fake.ignoresCancel = true; // the engine ends by itself, with what is done
  larger();
  const { request: sent, onEvent, resolve } = await asked();
  onEvent?.({ type: 'stage', stage: 'denoise', picture: 0, pictures: 1, tile: { number: 2, of: 6 } });
  const { painting } = useJobs.getState();
  expect(painting && stageText({ ...painting, step: 9, of: 60 })).toBe('Tile 2 of 6 · Step 9 of 60');
  cancelPainting();
  const notes = [sentence`Cancelled after 1 of 6 tiles: the rest is enlarged only.`];
  onEvent?.({ type: 'picture', index: 0, picture: { ...fakePicture(8), request: sent, notes } });
  resolve({ pictures: 1, totalMs: 1 });
  await vi.waitFor(() => expect(useGallery.getState().ids).toHaveLength(1));
  const record = newestResult(useGallery.getState())?.record;
  expect(record?.origin).toEqual({ number: 3, id: 'r', way: 'sd-upscale', detail: '2× by SD upscale' });
  expect(record && canPaintAgain(record)).toBe(false);
  expect(said()).toContain(spoken(notes[0]));
});

it('is painted of what the frame of the canvas shows, too, with the form’s words, and is of no result', async () => {
  canvas.openPicture(documentOf(blankPicture({ width: 96, height: 64 }, [9, 8, 7, 255])));
  changeSettings({ prompt: 'a barn', denoisingStrength: 0.8 });
  expect(paintFrameLarger(4, 'lanczos')).toBe(true);
  const { request: sent, given } = await asked();
  expect(sent).toMatchObject({ prompt: 'a barn', sdUpscale: true, sdUpscaleFactor: 4, sdUpscaleUpscaler: 'lanczos' });
  expect(sent.denoisingStrength).toBeUndefined();
  expect(given?.picture).toMatchObject({ width: 96, height: 64 });
  expect(given?.picture?.data.slice(0, 4)).toEqual(Uint8ClampedArray.of(9, 8, 7, 255));
  expect(remainingOf(queue.state)[0].parent.origin).toBeUndefined();
});

it('a network that is not here is said, and Lanczos enlarges', async () => {
  larger(undefined, 2, 'upscaler:gone');
  const { request: sent } = await asked();
  expect(sent.sdUpscaleUpscaler).toBe('lanczos');
  expect(said().join()).toContain('not in your library');
});

it('what cannot be is said before anything is queued', () => {
  larger(of(1, 1));
  larger(of(2304, 64), 4);
  changeSettings({ sdUpscaleOverlap: 256 });
  larger();
  expect(said()).toEqual([
    expect.stringContaining('1 × 1 pixels enlarged 2× are 0 × 0: too few to paint'),
    expect.stringContaining('are 9216 × 256. Keep each side to 8192'),
    'Tile overlap must be at most 128, half of a tile’s shorter side.',
  ]);
  expect(queue.state.running).toBeUndefined();
});
