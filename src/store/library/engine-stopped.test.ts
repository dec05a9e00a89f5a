import { afterEach, beforeEach, expect, it } from 'vitest';
import { EaselError, said } from '../../core/errors';
import { dismissProblem, useEngine } from '../engine';
import { connectEngine } from '../engine-port';
import { FakeEngine, fakeModel, settled } from '../fixtures/fake-engine';
import { resetJobs } from '../fixtures/reset-jobs';
import { cancelPainting } from '../jobs/cancel';
import { queue } from '../jobs/jobs';
import { paint } from '../jobs/paint';
import { remedyFor, takeRemedy } from '../jobs/remedy';
import { startQueue } from '../jobs/run-jobs';
import { useNotices } from '../notices';
import { changeSettings, resetSettings } from '../settings/settings';
import { cancelLoading, engineSilent, engineStopped, openModel } from './models';
import { STARTER } from './starter';

const GONE = new EaselError('engine-stopped', said`The engine stopped. Load the model again.`);
const OWN = { id: 'model:own', source: { kind: 'folder', name: 'own', files: [] } } as const;

let fake: FakeEngine;
let stop: () => void;

beforeEach(() => {
  fake = new FakeEngine();
  connectEngine(fake);
  useEngine.setState(useEngine.getInitialState(), true);
  resetJobs();
  useNotices.setState({ notices: [] });
  resetSettings();
  stop = startQueue();
});

afterEach(() => stop());

async function open(): Promise<void> {
  const opened = openModel({ ...OWN, vae: { name: 'vae.safetensors', file: new Blob() } });
  await settled();
  fake.loads.at(-1)?.resolve(fakeModel('own'));
  await opened;
}

/** What waits and what was asked of the engine, by their prompts. */
const waiting = () => queue.state.waiting.map(({ parent }) => parent.request.prompt);
const asked = () => fake.runs.map(({ request }) => request.prompt);

function paintAll(...prompts: string[]): void {
  for (const prompt of prompts) {
    changeSettings({ prompt });
    paint();
  }
}

/** What the engine does when it ends in the middle of a run. */
function end(): void {
  engineStopped(GONE);
  fake.runs.at(-1)?.reject(GONE);
}

it('an engine that ends while it paints is brought back by one click as it was, and the queue goes on then', async () => {
  await open();
  paintAll('a', 'b', 'c');
  end();
  await settled();
  expect(useEngine.getState()).toMatchObject({ status: { kind: 'ready' }, problem: { code: 'engine-stopped' } });
  expect([asked(), waiting()]).toEqual([['a'], ['b', 'c']]);
  expect(remedyFor(useEngine.getState())?.label).toBe('Load the model again');
  takeRemedy();
  await settled();
  expect(fake.loads[1].request).toMatchObject({ source: OWN.source, vae: { name: 'vae.safetensors' } });
  fake.loads[1].resolve(fakeModel('own'));
  await settled();
  // Its LoRAs and embeddings, too.
  expect(fake.adapters).toHaveLength(2);
  expect([asked(), waiting()]).toEqual([['a', 'b'], ['c']]);
  expect(useEngine.getState().problem).toBeUndefined();
});

it('the queue that a cancel took off comes back where the engine had to be ended, once', async () => {
  await open();
  paintAll('a', 'b');
  // An engine that does not answer.
  fake.ignoresCancel = true;
  cancelPainting();
  expect([queue.state.running?.skipped, waiting()]).toEqual([true, ['b']]);
  cancelPainting();
  expect(waiting()).toEqual([]);
  // What was asked for since goes first; the engine is not ended for that.
  paintAll('c');
  cancelPainting();
  expect([fake.stops, waiting()]).toEqual([0, []]);
  cancelPainting();
  engineStopped(GONE);
  await settled();
  expect(fake.stops).toBe(1);
  expect([asked(), waiting()]).toEqual([['a'], ['b', 'c']]);
  useNotices.getState().notices[0].action?.run();
  expect(waiting()).toEqual(['b', 'c']);
});

it('an engine that ends while it rests is said at once, and the next picture waits for the model', async () => {
  await open();
  engineStopped(GONE);
  expect(useEngine.getState().problem).toMatchObject({ code: 'engine-stopped' });
  dismissProblem();
  paintAll('a');
  expect(asked()).toEqual([]);
  await settled();
  fake.loads[1].resolve(fakeModel('own'));
  await settled();
  expect(asked()).toEqual(['a']);
});

it('an engine that ends before any model is there can be started again with what was asked for', async () => {
  for (const wanted of [STARTER, OWN]) {
    const opened = openModel(wanted);
    await settled();
    engineStopped(GONE);
    fake.loads.at(-1)?.reject(GONE);
    await opened;
    expect(useEngine.getState()).toMatchObject({ status: { kind: 'empty' }, problem: { code: 'engine-stopped' } });
    takeRemedy();
    await settled();
    expect(fake.loads.at(-1)?.request.source).toBe(wanted.source);
    fake.loads.at(-1)?.reject(GONE);
    await settled();
  }
});

it('an engine that ends over the LoRAs of a model that it has just opened does not count as open', async () => {
  fake.attach = async () => {
    engineStopped(GONE);
    throw GONE;
  };
  const opened = openModel(STARTER);
  await settled();
  fake.loads[0].resolve(fakeModel('A'));
  expect(await opened).toBe(false);
  expect(useEngine.getState()).toMatchObject({ status: { kind: 'empty' }, problem: { code: 'engine-stopped' } });
});

it('a model of which nothing is heard is said to be silent until something is, and can be cancelled', async () => {
  const opened = openModel(STARTER);
  await settled();
  engineSilent();
  expect(useEngine.getState().status).toMatchObject({ loading: { silent: true } });
  fake.loads[0].onEvent?.({ type: 'stage', stage: 'create-sessions', picture: 0, pictures: 0 });
  expect(useEngine.getState().status).toMatchObject({ loading: { silent: false } });
  cancelLoading();
  expect(await opened).toBe(false);
  // Whoever wanted it to end needs no word of it.
  expect(useEngine.getState()).toMatchObject({ status: { kind: 'empty' }, problem: undefined, opening: 0 });
});

it('a model that is cancelled while it loads leaves the one before, and the queue goes on with that', async () => {
  await open();
  const opened = openModel(STARTER);
  await settled();
  paintAll('a');
  cancelLoading();
  expect(await opened).toBe(false);
  await settled();
  expect(useEngine.getState()).toMatchObject({ model: { id: OWN.id }, problem: undefined });
  expect([asked(), fake.cancels]).toEqual([['a'], 1]);
});
