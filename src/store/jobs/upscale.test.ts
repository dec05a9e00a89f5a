import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { EaselError, said } from '../../core/errors';
import { remainingOf } from '../../jobs/queue';
import { useEngine } from '../engine';
import { connectEngine } from '../engine-port';
import { FakeEngine, fakeModel, fakePicture, settled } from '../fixtures/fake-engine';
import { resetJobs } from '../fixtures/reset-jobs';
import { addPicture, newestResult, type Result, useGallery } from '../gallery/gallery';
import { openModel } from '../library/models';
import { STARTER } from '../library/starter';
import { useNotices } from '../notices';
import { queue } from './jobs';
import { readQueueRecord, writeQueueRecord } from './queue-record';
import { startQueue } from './run-jobs';
import { upscaleResult } from './upscale';

// The browser's decoders are not here.
const PIXELS = { width: 512, height: 512, data: new Uint8ClampedArray(512 * 512 * 4) };
vi.mock('../canvas/picture-file', () => ({ readPictureFile: async () => PIXELS }));

let fake: FakeEngine;
let result: Result;
let stop: () => void;

beforeEach(async () => {
  fake = new FakeEngine();
  connectEngine(fake);
  useEngine.setState(useEngine.getInitialState(), true);
  resetJobs();
  useGallery.setState(useGallery.getInitialState(), true);
  useNotices.setState({ notices: [] });
  stop = startQueue();
  result = await addPicture(fakePicture(7), 'A');
  const opened = openModel(STARTER);
  await settled();
  fake.loads.at(-1)?.resolve(fakeModel('A'));
  await opened;
});

afterEach(() => stop());

const notices = () => useNotices.getState().notices.map(({ text }) => text);

it('a result is upscaled in its turn; the larger one comes with the results and says what it was made of', async () => {
  await upscaleResult(result, 2, 'lanczos');
  await vi.waitFor(() => expect(fake.enlargements).toHaveLength(1));
  const { request, resolve } = fake.enlargements[0];
  expect(request).toMatchObject({
    upscaler: 'lanczos',
    to: { width: 1024, height: 1024 },
    texts: {
      parameters: result.record.parameters,
      postprocessing: 'Postprocess upscale by: 2, Postprocess upscaler: Lanczos',
    },
  });
  const waiting = readQueueRecord(structuredClone(writeQueueRecord(remainingOf(queue.state))));
  expect(waiting?.[0].parent).toMatchObject({ recipe: 'upscale', enlargement: { factor: 2, upscaler: 'lanczos' } });
  resolve({ png: new Blob(['large']), width: 1024, height: 1024, totalMs: 5, notes: [said`A note.`] });
  await vi.waitFor(() => expect(useGallery.getState().ids).toHaveLength(2));
  expect(newestResult(useGallery.getState())?.record).toMatchObject({
    width: 1024,
    parameters: result.record.parameters,
    request: { seed: 7, batchCount: 1 },
    origin: { id: result.record.id, number: result.record.number, way: 'upscale', detail: '2× by Lanczos' },
  });
  expect(notices()).toContain('A note.');
});

it('one that fails is said, and the queue goes on', async () => {
  await upscaleResult(result, 4, 'lanczos');
  await vi.waitFor(() => expect(fake.enlargements).toHaveLength(1));
  fake.enlargements[0].reject(new EaselError('out-of-memory', said`No room.`));
  await vi.waitFor(() => expect(useEngine.getState().status.kind).toBe('ready'));
  expect(notices()).toEqual([`Picture ${result.record.number} could not be upscaled: No room.`]);
  expect(useEngine.getState().problem).toBeUndefined();
});

it('beyond 8192 pixels a side is said before anything is queued', async () => {
  await upscaleResult(result, 17, 'lanczos');
  expect(notices()[0]).toContain('8192');
  expect(queue.state.running).toBeUndefined();
});
