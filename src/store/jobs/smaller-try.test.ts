import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EaselError, said } from '../../core/errors';
import { memoryNeed, type PictureSize } from '../../core/memory-need';
import type { DeviceReport, LoadedModel } from '../../engine/protocol';
import { useEngine } from '../engine';
import { connectEngine } from '../engine-port';
import { FakeEngine, fakeModel, fakePicture, settled } from '../fixtures/fake-engine';
import { resetJobs } from '../fixtures/reset-jobs';
import { useGallery } from '../gallery/gallery';
import { forgetShortage, hasShortage, knownMemory, roomOf, useDevice, useMemory } from '../library/memory';
import { openModel } from '../library/models';
import { STARTER } from '../library/starter';
import { changeSettings, resetSettings, useSettings } from '../settings/settings';
import { paint } from './paint';
import { remedyFor, takeRemedy } from './remedy';
import { startQueue } from './run-jobs';

const CARD: DeviceReport = {
  provider: 'webgpu',
  precision: 'float16',
  name: 'a card',
  threads: 2,
  reason: said`A test.`,
  binding: 2 ** 31,
};
/** SD 1.5's, in float16. */
const NETWORKS = { text: 0.25e9, unet: 1.72e9, decoder: 0.1e9 };
const SMALL = { width: 512, height: 512 };
const need = (size: PictureSize) => memoryNeed(NETWORKS, size, CARD);

let fake: FakeEngine;
let stop: () => void;
beforeEach(() => {
  fake = new FakeEngine();
  connectEngine(fake);
  useEngine.setState(useEngine.getInitialState(), true);
  useMemory.setState(useMemory.getInitialState(), true);
  useDevice.setState({ device: CARD });
  resetJobs();
  useGallery.setState(useGallery.getInitialState(), true);
  resetSettings();
  stop = startQueue();
});
afterEach(() => stop());

const model = (): LoadedModel => ({ ...fakeModel('A'), device: { ...CARD, networks: NETWORKS, plan: 'together' } });
const short = () =>
  new EaselError('out-of-memory', said`There is not enough memory for the UNet (unet failed: no room).`);
const remedy = () => remedyFor(useEngine.getState());

async function open(): Promise<void> {
  const opened = openModel(STARTER);
  await settled();
  fake.loads.at(-1)?.resolve(model());
  await opened;
}

/** Memory runs out in the picture that is being painted. */
async function runShort(stage: 'denoise' | 'decode'): Promise<void> {
  const { onEvent, reject } = fake.runs[fake.runs.length - 1];
  onEvent?.({ type: 'stage', stage, picture: 0, pictures: 1 });
  reject(short());
  await settled();
}

/** Presses the button that is offered; the model comes back. */
async function tryIt(): Promise<void> {
  takeRemedy();
  await settled();
  fake.loads.at(-1)?.resolve(model());
  await settled();
}

describe('a picture that ran out of memory', () => {
  beforeEach(async () => {
    await open();
    changeSettings({ ...SMALL, batchCount: 2 });
    paint();
  });

  it('is offered with the parts in turn, and comes back with its grid when that is taken', async () => {
    await runShort('denoise');
    expect(fake.runs).toHaveLength(1); // nothing is tried by itself
    expect(remedy()).toMatchObject({
      label: 'Load its parts in turn',
      explanation: expect.stringMatching(/about 2\.7\d GB at a time instead of about 4\.9\d GB.*longer/),
    });
    await tryIt();
    expect(fake.loads.at(-1)?.request.memory).toEqual({ short: need(SMALL).together });
    expect(fake.runs).toHaveLength(2);
    expect(fake.runs[1].request.seed).toBe(fake.runs[0].request.seed);
    fake.runs[1].resolve({ pictures: 1, totalMs: 1 });
    await settled();
    expect(fake.runs).toHaveLength(3); // the second of the batch
    expect(useEngine.getState().problem).toBeUndefined();
  });

  it('is offered less each time, down to nothing: never the same again', async () => {
    const offered: (string | undefined)[] = [];
    for (let tries = 0; tries < 8; tries++) {
      await runShort('decode');
      offered.push(remedy()?.label);
      if (remedy()?.explanation === undefined) break;
      await tryIt();
    }
    // At half the pixels the parts take turns again before tiles do.
    expect(offered).toEqual([
      'Load its parts in turn',
      'Decode in tiles',
      'Try 320 × 320',
      'Decode in tiles',
      'Load the model again',
    ]);
    expect(useSettings.getState().values).toMatchObject({ width: 320, height: 320 });
  });

  it('is not decoded in tiles where it was the denoiser that had no room', async () => {
    await runShort('denoise');
    await tryIt();
    await runShort('denoise');
    expect(remedy()?.label).toBe('Try 320 × 320');
  });
});

it('of a model whose parts nobody knows, a smaller picture is offered', async () => {
  const opened = openModel(STARTER);
  await settled();
  fake.loads[0].resolve({ ...fakeModel('A'), device: CARD });
  await opened;
  changeSettings(SMALL);
  paint();
  await runShort('decode');
  expect(remedy()).toMatchObject({ label: 'Try 320 × 320', explanation: expect.stringMatching(/half as much/) });
});

it('of a model that could not be opened, one smaller try is offered: its parts in turn', async () => {
  const opened = openModel(STARTER);
  await settled();
  fake.loads[0].onEvent?.({ type: 'stage', stage: 'create-sessions', picture: 0, pictures: 0 });
  fake.loads[0].reject(short());
  await opened;
  expect(remedy()).toMatchObject({ label: 'Load its parts in turn', explanation: expect.stringMatching(/one after the other/) }); // biome-ignore format: one thought
  takeRemedy();
  await settled();
  expect(fake.loads[1].request.memory).toEqual({ plan: 'in-turn' });
  fake.loads[1].onEvent?.({ type: 'stage', stage: 'create-sessions', picture: 0, pictures: 0 });
  fake.loads[1].reject(short());
  await settled();
  expect(remedy()).toBeUndefined();
});

it('offers nothing of that where a model is too large before its networks start', async () => {
  const opened = openModel(STARTER);
  await settled();
  fake.loads[0].onEvent?.({ type: 'stage', stage: 'read-model', picture: 0, pictures: 0 });
  fake.loads[0].reject(short());
  await opened;
  expect(remedy()).toBeUndefined();
});

it('remembers for each device what ran and what did not, until it is told to forget', async () => {
  await open();
  changeSettings(SMALL);
  paint();
  fake.runs[0].onEvent?.({ type: 'picture', index: 0, picture: fakePicture(1) });
  fake.runs[0].resolve({ pictures: 1, totalMs: 1 });
  await settled();
  expect(roomOf(CARD)).toMatchObject({ held: need(SMALL).together });
  changeSettings({ width: 1024, height: 1024 });
  paint();
  await vi.waitFor(() => expect(fake.runs).toHaveLength(2));
  await runShort('decode');
  expect(roomOf(CARD)).toMatchObject({
    held: need(SMALL).together,
    failed: need({ width: 1024, height: 1024 }).together,
  });
  expect(knownMemory('other')).toEqual({ short: need({ width: 1024, height: 1024 }).together });
  expect(hasShortage(CARD, useMemory.getState())).toBe(true);
  expect(roomOf({ ...CARD, name: 'another card' })).toEqual({ limit: undefined });
  forgetShortage(CARD);
  expect(knownMemory('other')).toEqual({});
  expect(hasShortage(CARD, useMemory.getState())).toBe(false);
});
