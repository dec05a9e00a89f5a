import { afterEach, beforeEach, expect, it } from 'vitest';
import { useEngine } from '../engine';
import { connectEngine } from '../engine-port';
import { FakeEngine, fakeModel, fakePicture, settled } from '../fixtures/fake-engine';
import { resetJobs } from '../fixtures/reset-jobs';
import { EMBLEMS_ID, EMBLEMS_SOURCE } from '../library/emblems';
import { openModel } from '../library/models';
import { STARTER } from '../library/starter';
import { resetSettings } from '../settings/settings';
import { chainOf, useChains, type Way } from './chains';
import { queue } from './jobs';
import { paintChains } from './paint-chains';
import { startQueue } from './run-jobs';
import { useStepRecording } from './step-recording';

const LONG: Way = { sampler: 'ddpm', steps: 1000 };
const SHORT: Way = { sampler: 'ddim', steps: 10 };
const START = { classLabel: 3, seed: 7 };

let fake: FakeEngine;
let stop: () => void;

beforeEach(async () => {
  fake = new FakeEngine();
  connectEngine(fake);
  useEngine.setState(useEngine.getInitialState(), true);
  useChains.setState(useChains.getInitialState(), true);
  useStepRecording.setState(useStepRecording.getInitialState(), true);
  resetJobs();
  resetSettings();
  stop = startQueue();
  const opened = openModel({ id: EMBLEMS_ID, source: EMBLEMS_SOURCE });
  await settled();
  const model = fakeModel('Easel Emblems', { width: 32, height: 32, varianceType: 'fixed_small' });
  fake.loads.at(-1)?.resolve({ ...model, info: { ...model.info, conditioning: 'class', classes: 48 } });
  await opened;
});

afterEach(() => stop());

const image = (value: number) => ({ width: 1, height: 1, rgba: new Uint8ClampedArray([value, value, value, 255]) });

/** Has the engine go through the steps of the picture that it is at, and bring it. */
async function go(): Promise<void> {
  const run = fake.runs.at(-1);
  if (!run) throw new Error('Nothing is painted.');
  for (let step = 1; step <= run.request.steps; step++)
    run.onEvent?.({ type: 'preview', image: image(1), noisy: image(2), sigma: 1, text: '3', step, picture: 0 });
  run.onEvent?.({ type: 'picture', index: 0, picture: { ...fakePicture(1), request: run.request } });
  run.resolve({ pictures: 1, totalMs: 1 });
  await settled();
  await settled();
}

const chain = (way: Way) => chainOf(way, useChains.getState());

it('paints the ways from one noise, and keeps of a long one its ends and some steps between', async () => {
  paintChains([SHORT, LONG], START);
  await settled();
  expect(fake.runs.at(-1)?.request).toMatchObject({ ...SHORT, ...START, width: 32 });
  await go();
  expect(fake.runs.at(-1)?.request).toMatchObject({ ...LONG, ...START, varianceType: 'fixed_small' });
  await go();
  expect(chain(SHORT)?.frames.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  const steps = chain(LONG)?.frames.map(({ step }) => step) ?? [];
  expect([steps[0], steps.at(-1), steps.length]).toEqual([1, 1000, 41]);
  expect([chain(SHORT)?.picture, chain(LONG)?.picture].map((picture) => picture?.url)).not.toContain(undefined);
  // The form's own last picture is another matter.
  expect(useStepRecording.getState().frames).toEqual([]);
});

it('begins a way anew when it is painted again, and drops all when the class or the seed is another', async () => {
  paintChains([SHORT, LONG], START);
  await settled();
  await go();
  await go();
  paintChains([SHORT], START);
  await settled();
  await go();
  expect(useChains.getState().chains.map(({ steps }) => steps)).toEqual([1000, 10]);
  paintChains([SHORT], { ...START, seed: 8 });
  expect(useChains.getState().chains).toEqual([]);
  await settled();
  await go();
  expect(useChains.getState().chains.map(({ request: { seed } }) => seed)).toEqual([8]);
});

it('stays with its model when a person opens another one meanwhile', async () => {
  paintChains([SHORT, LONG], START);
  await settled();
  const opened = openModel(STARTER);
  await settled();
  fake.loads.at(-1)?.resolve(fakeModel('Starter'));
  await opened;
  expect(queue.state.waiting.flatMap(({ children }) => children.map(({ model }) => model))).not.toContain('starter');
});
