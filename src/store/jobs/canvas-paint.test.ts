import { beforeEach, expect, it, vi } from 'vitest';
import { blankPicture } from '../../core/image/picture';
import { documentOf } from '../../editor/document/document';
import { createEditor } from '../../editor/editor';
import { canvas, isCanvasUsed } from '../canvas/canvas';
import { suitCanvas } from '../canvas/suit-canvas';
import { useEngine } from '../engine';
import { connectEngine } from '../engine-port';
import { FakeEngine, fakeModel, settled } from '../fixtures/fake-engine';
import { resetJobs } from '../fixtures/reset-jobs';
import { openModel } from '../library/models';
import { STARTER } from '../library/starter';
import { useNotices } from '../notices';
import { followFrame } from '../settings/preferences';
import { changeSettings, resetSettings, setField, typeNumber, useSettings, valueIn } from '../settings/settings';
import { forgetPicture } from '../settings/suited';
import { paintCanvas } from './canvas-paint';
import { useJobs } from './jobs';
import { paint } from './paint';
import { startQueue } from './run-jobs';

let fake: FakeEngine;
startQueue();

beforeEach(async () => {
  fake = new FakeEngine();
  connectEngine(fake);
  resetSettings();
  forgetPicture();
  followFrame(true);
  useEngine.setState(useEngine.getInitialState(), true);
  resetJobs();
  canvas.openBlank({ width: 256, height: 128 });
  const opened = openModel(STARTER);
  await settled();
  fake.loads[0].resolve(fakeModel('model', { width: 256, height: 256 }));
  await opened;
});

const run = () => fake.runs[0];
/** Until the engine was asked; the picture is kept for the job first. */
const asked = (runs = 1) => expect.poll(() => fake.runs.length).toBe(runs);

it('paints an empty frame from words alone, with nothing of pictures and masks in the request', () => {
  changeSettings({ denoisingStrength: 0.5, maskBlur: 9, seed: 1 });
  expect(paintCanvas()).toBe(true);
  expect(run().given).toBeUndefined();
  expect(run().request).toMatchObject({ width: 256, height: 128, seed: 1 });
  expect(run().request).not.toHaveProperty('denoisingStrength');
  expect(run().request).not.toHaveProperty('maskBlur');
});

it('paints from the frame’s picture, and from its mask where there is one', async () => {
  canvas.openPicture(documentOf(blankPicture({ width: 256, height: 128 }, [9, 8, 7, 255])));
  changeSettings({ maskBlur: 9, seed: 1 });
  paintCanvas();
  await asked();
  expect(run().given?.picture).toMatchObject({ width: 256, height: 128 });
  expect([...(run().given?.picture?.data.subarray(0, 4) ?? [])]).toEqual([9, 8, 7, 255]);
  expect(run().given?.mask).toBeUndefined();
  // A1111's default, which belongs in the text of the picture.
  expect(run().request).toMatchObject({ denoisingStrength: 0.75 });
  expect(run().request).not.toHaveProperty('maskBlur');
  run().resolve({ pictures: 1, totalMs: 1 });
  await settled();

  canvas.command('fill-mask');
  paintCanvas();
  await asked(2);
  expect(fake.runs[1].given?.mask?.data[0]).toBe(255);
  // A hole is filled from noise.
  expect(fake.runs[1].request).toMatchObject({ denoisingStrength: 1, maskBlur: 9 });
});

it('begins a blank canvas of the form’s size where there was none, so that the painting has a place', async () => {
  canvas.restore(createEditor({ width: 512, height: 512, now: () => 0 }).save());
  expect(isCanvasUsed()).toBe(false);
  changeSettings({ width: 256, height: 256 });
  expect(paintCanvas()).toBe(true);
  expect(isCanvasUsed()).toBe(true);
  expect(canvas.snapshot().document.canvas).toMatchObject({ width: 256, height: 256 });
  await asked();
  expect(run().given).toBeUndefined();
});

it('paints the hole alone where the frame would be shrunk or the mask is small in it, unless it was chosen otherwise', async () => {
  canvas.openPicture(documentOf(blankPicture({ width: 640, height: 512 }, [9, 8, 7, 255])));
  canvas.command('fill-mask');
  paintCanvas();
  await asked();
  expect(run().request).toMatchObject({ width: 280, height: 224, inpaintArea: 'only-masked', inpaintPadding: 32 });
  run().resolve({ pictures: 1, totalMs: 1 });
  await settled();
  changeSettings({ inpaintArea: 'whole' });
  paintCanvas();
  await asked(2);
  expect(fake.runs[1].request).toMatchObject({ inpaintArea: 'whole' });
  expect(fake.runs[1].request).not.toHaveProperty('inpaintPadding');
});

it('remembers the strength for a hole and for a picture apart', () => {
  canvas.openPicture(documentOf(blankPicture({ width: 256, height: 128 }, [9, 8, 7, 255])));
  suitCanvas();
  const strength = () => valueIn('denoisingStrength', useSettings.getState());
  expect(strength()).toBe(0.75);
  setField('denoisingStrength', 0.4);
  canvas.command('fill-mask');
  suitCanvas();
  expect(strength()).toBe(1);
  setField('denoisingStrength', 0.9);
  canvas.command('clear-mask');
  suitCanvas();
  expect(strength()).toBe(0.4);
  canvas.undo();
  suitCanvas();
  expect(strength()).toBe(0.9);
  // Back at what suits the picture, it follows the picture again.
  setField('denoisingStrength', 1);
  expect(useSettings.getState().values.denoisingStrength).toBeUndefined();
});

it('takes what lies beyond the picture for masked', async () => {
  canvas.openPicture(documentOf(blankPicture({ width: 256, height: 128 }, [9, 8, 7, 255])));
  canvas.extendFrame('e', 64);
  paintCanvas();
  await asked();
  const { mask, picture } = run().given ?? {};
  expect(mask).toMatchObject({ width: 320, height: 128 });
  expect([mask?.data[0], mask?.data[319]]).toEqual([0, 255]);
  expect(picture?.data[4 * 319 + 3]).toBe(0);
});

it('keeps what was there when it was asked for, whatever is drawn meanwhile', async () => {
  canvas.openPicture(documentOf(blankPicture({ width: 256, height: 128 }, [9, 8, 7, 255])));
  paintCanvas();
  canvas.command('fill-mask');
  canvas.setFrame({ x: 64, y: 0, width: 128, height: 128 });
  await asked();
  expect(run().given?.mask).toBeUndefined();
  expect(run().given?.picture?.width).toBe(256);
});

it('paints at the form’s size where the frame is not to say it', () => {
  followFrame(false);
  changeSettings({ width: 64, height: 192 });
  paintCanvas();
  expect(run().request).toMatchObject({ width: 64, height: 192 });
});

it('is held up by a field of the mask that is wrong, where there is one', () => {
  typeNumber('maskBlur', 'soft');
  expect(paintCanvas()).toBe(true);
  canvas.openPicture(documentOf(blankPicture({ width: 256, height: 128 }, [9, 8, 7, 255])));
  canvas.command('fill-mask');
  expect(paintCanvas()).toBe(false);
});

it('paints an empty frame in one pass, whatever is set of a second one', () => {
  changeSettings({ width: 64, height: 64, hires: true });
  typeNumber('hiresScale', 'large');
  expect(paintCanvas()).toBe(true);
  expect(run().request.hires).toBeUndefined();
  expect(paint()).toBe(false);
});

it('keeps its turn: what is asked for while its picture is kept comes after it', async () => {
  canvas.openPicture(documentOf(blankPicture({ width: 256, height: 128 }, [9, 8, 7, 255])));
  changeSettings({ prompt: 'from the picture' });
  paintCanvas();
  changeSettings({ prompt: 'from words' });
  paint();
  await asked();
  expect(run().request.prompt).toBe('from the picture');
  expect(useJobs.getState().waiting.map(({ parent }) => parent.request.prompt)).toEqual(['from words']);
});

it('says that a picture could not be kept, and holds up nothing that is asked for after it', async () => {
  canvas.openPicture(documentOf(blankPicture({ width: 256, height: 128 }, [9, 8, 7, 255])));
  vi.spyOn(crypto.subtle, 'digest').mockRejectedValueOnce(new Error('No memory.'));
  paintCanvas();
  paint();
  await asked();
  expect(run().given).toBeUndefined();
  expect(useNotices.getState().notices.at(-1)?.text).toBe('The picture could not be queued: No memory.');
});
