import { createEngineClient } from '../../../src/engine/client';
import { type Problem, useEngine, type WantedModel } from '../../../src/store/engine';
import { connectEngine } from '../../../src/store/engine-port';
import { useGallery } from '../../../src/store/gallery/gallery';
import { queue } from '../../../src/store/jobs/jobs';
import { paint } from '../../../src/store/jobs/paint';
import { remedyFor } from '../../../src/store/jobs/remedy';
import { startQueue } from '../../../src/store/jobs/run-jobs';
import { followDevice, memoryTaken, useDevice, useMemory } from '../../../src/store/library/memory';
import { openModel } from '../../../src/store/library/models';
import { usePreferences } from '../../../src/store/settings/preferences';
import { changeSettings, useSettings } from '../../../src/store/settings/settings';
import { cardMegabytes, cardPeak, leaveFree, type Suite, spawnEngine } from '../page';

/** What another program leaves of the card, in GiB, and how large a picture is asked for then. */
interface Situation {
  free: number;
  side: number;
}

/**
 * Of Stable Diffusion 1.5's shape in float16: its parts fit together; only in turn; only for a smaller picture; its
 * UNet alone does not.
 */
const SITUATIONS: readonly Situation[] = [
  { free: 12, side: 512 },
  { free: 3.6, side: 512 },
  { free: 4, side: 1024 },
  { free: 1.2, side: 512 },
];

/** Offers end sooner (`smallerTry`); one more is a loop. */
const MOST_TRIES = 12;

/** What a person sees after something was tried. */
interface Try {
  /** What was pressed. */
  pressed: string;
  side: number;
  plan?: string;
  ms: number;
  peakMegabytes: number;
  /** What there was then, or what the page says. */
  outcome: 'picture' | 'opened' | Pick<Problem, 'code' | 'message' | 'during' | 'stage'>;
  /** The button beside it, and what it says it changes. */
  offered?: { label: string; explanation?: string };
}

/**
 * A card of which another program has nearly all: a checkpoint is opened and asked for a picture on the page's own path
 * but for React, and whatever the page offers after a failure is taken, until there is a picture or the offer is no
 * smaller one. At last the other program ends, and the model is opened again.
 */
export const shortage: Suite = async ({ device, kernels, tiny, situations, files: [file] }) => {
  usePreferences.setState({ device, onnxruntimeKernels: kernels === 'onnxruntime' });
  const source = { kind: 'folder', name: file.name, files: [{ path: file.name, file }] } as const;
  const wanted: WantedModel = { id: 'checkpoint', source };
  const went: Record<string, object> = {};
  for (const { free, side } of situations ? parsed(situations) : SITUATIONS) {
    useEngine.setState(useEngine.getInitialState(), true);
    useMemory.setState(useMemory.getInitialState(), true);
    const client = createEngineClient(spawnEngine, document.baseURI);
    connectEngine(client);
    const stops = [followDevice(), startQueue()];
    await until(() => useDevice.getState().device !== undefined);
    const freeMegabytes = await leaveFree(free);
    const heldMegabytes = await cardMegabytes();
    const tries = await tryAll(wanted, tiny ? 64 : side);
    await leaveFree();
    const afterwards = await tryOnce('Load the model again', () => openAndPaint(wanted));
    const looped = tries.length >= MOST_TRIES;
    went[`${free} GiB free, ${side} x ${side}`] = { freeMegabytes, heldMegabytes, tries, looped, afterwards };
    for (const stop of stops) stop();
    client.dispose();
  }
  return { device: useDevice.getState().device, went };
};

function parsed(situations: string): Situation[] {
  return situations.split(',').map((situation) => {
    const [free, side] = situation.split(':').map(Number);
    return { free, side };
  });
}

/** Opens the model, asks for a picture, and takes what is offered for as long as that is less than what failed. */
async function tryAll(wanted: WantedModel, side: number): Promise<Try[]> {
  changeSettings({ prompt: 'a red apple', width: side, height: side, steps: 4, seed: 7 });
  const tries = [await tryOnce('Generate', () => openAndPaint(wanted))];
  while (tries.length < MOST_TRIES) {
    const remedy = remedyFor(useEngine.getState());
    if (!remedy?.explanation) break;
    tries.push(await tryOnce(remedy.label, remedy.run));
    // What opens a model only is followed by the picture that was wanted.
    if (tries[tries.length - 1].outcome === 'opened') tries.push(await tryOnce('Generate', () => void paint()));
  }
  return tries;
}

function openAndPaint(wanted: WantedModel): void {
  void openModel(wanted).then((isOpen) => isOpen && paint());
}

/** Presses something, and waits until the page has come to rest. */
async function tryOnce(pressed: string, press: () => void): Promise<Try> {
  const { ids } = useGallery.getState();
  const started = performance.now();
  await cardPeak();
  press();
  await until(isAtRest);
  const peakMegabytes = await cardPeak();
  const { model, problem } = useEngine.getState();
  const { width, height } = useSettings.getState().values;
  const remedy = remedyFor(useEngine.getState());
  const painted = useGallery.getState().ids.length > ids.length;
  return {
    pressed,
    side: width,
    plan: model && memoryTaken(model, { width, height })?.plan,
    ms: Math.round(performance.now() - started),
    peakMegabytes,
    outcome: problem ? sayingOf(problem) : painted ? 'picture' : 'opened',
    offered: remedy && { label: remedy.label, explanation: remedy.explanation },
  };
}

const sayingOf = ({ code, message, during, stage }: Problem) => ({ code, message, during, stage });

/** Nothing is opened, painted or waiting. */
function isAtRest(): boolean {
  const { status, opening } = useEngine.getState();
  const { running, waiting } = queue.state;
  return opening === 0 && status.kind !== 'loading' && status.kind !== 'painting' && !running && waiting.length === 0;
}

/** Waits until something holds for half a second: between two tasks the page is at rest for a moment. */
async function until(holds: () => boolean): Promise<void> {
  for (let quiet = 0; quiet < 5; quiet = holds() ? quiet + 1 : 0)
    await new Promise((resolve) => setTimeout(resolve, 100));
}
