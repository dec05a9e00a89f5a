import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DEFAULT_REQUEST, type GenerationRequest } from '../../core/request/request';
import { useEngine } from '../engine';
import { connectEngine } from '../engine-port';
import { FakeEngine, fakeModel, fakePicture, settled } from '../fixtures/fake-engine';
import { resetJobs } from '../fixtures/reset-jobs';
import { addPicture, newestResult, useGallery } from '../gallery/gallery';
import type { ResultRecord } from '../gallery/result-record';
import { openModel } from '../library/models';
import { STARTER } from '../library/starter';
import { useNotices } from '../notices';
import { changeSettings, resetSettings } from '../settings/settings';
import { canPaintAgain, paintHires, paintVariations } from './from-result';
import { startQueue } from './run-jobs';

let fake: FakeEngine;
let stop: () => void;
beforeEach(async () => {
  fake = new FakeEngine();
  connectEngine(fake);
  useEngine.setState(useEngine.getInitialState(), true);
  resetJobs();
  useGallery.setState(useGallery.getInitialState(), true);
  useNotices.setState(useNotices.getInitialState(), true);
  resetSettings();
  stop = startQueue();
  const opened = openModel(STARTER);
  await settled();
  fake.loads[0].resolve(fakeModel('A'));
  await opened;
});
afterEach(() => stop());

/** A result as it stands in the gallery, painted with these settings. */
async function result(fields: Partial<GenerationRequest> = {}): Promise<ResultRecord> {
  const request = { ...DEFAULT_REQUEST, prompt: 'a fox', seed: 7, ...fields };
  return (await addPicture({ ...fakePicture(7), request }, 'A')).record;
}

/** What the engine is asked for next; hashing what it brought before takes its time. */
async function asked(index = 0): Promise<GenerationRequest> {
  await vi.waitFor(() => expect(fake.runs.length).toBe(index + 1));
  return fake.runs[index].request;
}

/** The engine has painted what it was asked for last. */
async function paintLast(): Promise<void> {
  const before = useGallery.getState().ids.length;
  const { request, onEvent, resolve } = fake.runs[fake.runs.length - 1];
  onEvent?.({ type: 'picture', index: 0, picture: { ...fakePicture(request.seed), request } });
  resolve({ pictures: 1, totalMs: 1 });
  await vi.waitFor(() => expect(useGallery.getState().ids.length).toBe(before + 1));
}

describe('variations of a result', () => {
  it('are four of its seed, each with a little of another, and say what they are of', async () => {
    const record = await result();
    paintVariations(record, () => 40);
    for (let i = 0; i < 4; i++) {
      expect(await asked(i)).toMatchObject({ seed: 7, variationSeed: 40 + i, variationStrength: 0.2, batchCount: 1 }); // biome-ignore format: one line
      await paintLast();
    }
    expect(fake.runs).toHaveLength(4);
    expect(newestResult(useGallery.getState())?.record.origin).toEqual({ number: record.number, way: 'variation' });
    expect(useGallery.getState().ids).toHaveLength(5);
  });

  it('of a variation are as far from its seed as that is', async () => {
    paintVariations(await result({ variationSeed: 3, variationStrength: 0.4 }), () => 40);
    expect(await asked()).toMatchObject({ seed: 7, variationSeed: 40, variationStrength: 0.4 });
  });
});

describe('a result painted larger', () => {
  it('has the second pass that the form says, at the result’s own size', async () => {
    changeSettings({
      hiresUpscaler: 'lanczos',
      hiresStrength: 0.3,
      hiresWidth: 2048,
      hiresHeight: 512,
      hiresPrompt: 'x',
    });
    paintHires(await result({ width: 640 }));
    expect(await asked()).toMatchObject({ seed: 7, width: 640, hires: true, hiresUpscaler: 'lanczos', hiresStrength: 0.3 }); // biome-ignore format: one line
    expect(fake.runs[0].request.hiresWidth).toBeUndefined();
    expect(fake.runs[0].request.hiresPrompt).toBeUndefined();
    await paintLast();
    expect(newestResult(useGallery.getState())?.record.origin?.way).toBe('hires');
  });

  it('is not painted where it would be too large, and says why', async () => {
    changeSettings({ hiresScale: 4 });
    paintHires(await result({ width: 2048 }));
    await settled();
    expect(fake.runs).toHaveLength(0);
    expect(JSON.stringify(useNotices.getState())).toContain('Keep it to 4096 a side.');
  });

  it('with another model than it was painted with says so', async () => {
    paintHires({ ...(await result()), model: 'B' });
    expect(JSON.stringify(useNotices.getState())).toContain('Painted with A, which is open now; the picture is of B.');
  });
});

it('what was painted from a picture is for the canvas', async () => {
  expect(canPaintAgain(await result())).toBe(true);
  expect(canPaintAgain(await result({ denoisingStrength: 0.5 }))).toBe(false);
});
