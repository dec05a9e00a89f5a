import { createEngineClient, type EngineClient } from '../../../src/engine/client';
import { useEngine } from '../../../src/store/engine';
import { connectEngine } from '../../../src/store/engine-port';
import { followLive, liveRequest, setLive } from '../../../src/store/jobs/live';
import { type LivePicture, useLive } from '../../../src/store/jobs/live-picture';
import { startQueue } from '../../../src/store/jobs/run-jobs';
import { STARTER } from '../../../src/store/library/starter';
import { adoptModel, changeSettings, currentRequest, useSettings } from '../../../src/store/settings/settings';
import { median, type Suite, spawnEngine } from '../page';

const PROMPT = 'a fox to the left of a tree, flat emoji';
/** A quick typist's pace, and that of ten edits in five seconds. */
const PACE_MS = { typing: 125, edits: 500 };
/**
 * A picture that is not there by then is told as one that failed, so that the others' times come back. The first one
 * waits for the card's programs.
 */
const PATIENCE_MS = { load: 60_000, first: 60_000, next: 5_000 };

/** From a change to its picture, in milliseconds; or why there is none. */
type Shown = number | string;

/**
 * From a keystroke to its picture, on the page's own path but for React: the form's store, the live loop, the queue,
 * its sink, the worker, and the browser's decoding of the PNG. A picture that a newer change superseded counts as none.
 */
export const live: Suite = async ({ device, kernels, tiny }) => {
  const client = createEngineClient(spawnEngine, document.baseURI);
  connectEngine(client);
  const wanted = { source: STARTER.source, device, kernels, vocabulary: '/models/clip/' };
  const loaded = await client.load(wanted, undefined, AbortSignal.timeout(PATIENCE_MS.load));
  useEngine.setState({ model: { ...STARTER, ...loaded }, status: { kind: 'ready' } });
  adoptModel(loaded.info.name, loaded.info.defaults);
  changeSettings({ seed: 7, ...(tiny && { width: 64, height: 64, steps: 2 }) });
  const stops = [startQueue(), followLive()];
  useLive.setState({ source: 'words' });
  // The first pictures pay for "Fast", for the shape and for the kernels.
  const first = [await after(() => setLive(true), '', PATIENCE_MS.first)];
  for (const prompt of ['a', 'a fox']) first.push(await afterChange(prompt));
  const typed = await typing(tiny ? PROMPT.slice(0, 12) : PROMPT);
  const edits: Shown[] = [];
  for (let edit = 1; edit <= 10; edit++) {
    const started = performance.now();
    edits.push(await afterChange(`${PROMPT}, ${edit}`));
    await rest(PACE_MS.edits - (performance.now() - started));
  }
  const timings = useLive.getState().picture?.painted.timings;
  setLive(false);
  for (const stop of stops) stop();
  const request = liveRequest(currentRequest(useSettings.getState(), 'words'), loaded.info, 7);
  const plain = await plainTimes(request, client);
  client.dispose();
  const { width, height, steps, fast } = request;
  return {
    device: loaded.device,
    painted: { width, height, steps, fast: fast ?? false },
    first,
    typed,
    edits: summary(edits),
    timings,
    plain: summary(plain),
  };
};

/** The times of those that came; `failed` says why the others did not. */
function summary(shown: readonly Shown[]): object {
  const times = shown.filter((each) => typeof each === 'number');
  const failed = shown.filter((each) => typeof each === 'string');
  const range = times.length > 0 && { median: median(times), least: Math.min(...times), most: Math.max(...times) };
  return { ...range, all: times.map(Math.round), failed };
}

const rest = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, Math.max(0, ms)));

/** When the picture of a prompt is there, and decoded, as an `<img>` would have it. @throws Error where none comes */
async function shown(prompt: string, patience: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const end = (settle: () => void) => {
      clearTimeout(late);
      stop();
      settle();
    };
    const look = () => {
      const { picture, problem } = useLive.getState();
      if (problem !== undefined) end(() => reject(new Error(problem)));
      else if (picture?.painted.request.prompt === prompt) end(resolve);
    };
    const late = setTimeout(() => end(() => reject(new Error(`None in ${patience} ms.`))), patience);
    const stop = useLive.subscribe(look);
    look();
  });
  await createImageBitmap((useLive.getState().picture as LivePicture).painted.png);
}

/** What a change takes that asks for the picture of a prompt. */
async function after(change: () => void, prompt: string, patience = PATIENCE_MS.next): Promise<Shown> {
  // What was said of the picture before is not said of this one.
  useLive.setState({ problem: undefined });
  const started = performance.now();
  try {
    change();
    await shown(prompt, patience);
    return told(prompt, performance.now() - started);
  } catch (thrown) {
    return told(prompt, String(thrown));
  }
}

/** On the console, which run.py prints: it stays where the run is ended before its end. */
function told(prompt: string, shown: Shown): Shown {
  console.info(`live: “${prompt}”: ${typeof shown === 'number' ? `${Math.round(shown)} ms` : shown}`);
  return shown;
}

const afterChange = (prompt: string) => after(() => changeSettings({ prompt }), prompt);

/** A prompt typed a letter at a time. @returns how many pictures came meanwhile, and from the last key to its own */
async function typing(prompt: string): Promise<{ keys: number; pictures: number; lastKey: Shown }> {
  let pictures = 0;
  const stop = useLive.subscribe(({ picture }, before) => {
    if (picture && picture !== before.picture) pictures++;
  });
  for (let keys = 1; keys < prompt.length; keys++) {
    changeSettings({ prompt: prompt.slice(0, keys) });
    await rest(PACE_MS.typing);
  }
  const lastKey = await afterChange(prompt);
  stop();
  return { keys: prompt.length, pictures, lastKey };
}

/** The same picture asked of the engine itself, one call after another: what the loop and the stores add is the rest. */
async function plainTimes(request: ReturnType<typeof liveRequest>, client: EngineClient): Promise<Shown[]> {
  const times: Shown[] = [];
  for (let time = 0; time < 5; time++) {
    const started = performance.now();
    const late = AbortSignal.timeout(PATIENCE_MS.next);
    const painting = client.generate({ ...request, prompt: `${request.prompt} ${time}` }, undefined, undefined, late);
    times.push(told(`plain ${time}`, await painting.then(() => performance.now() - started, String)));
  }
  return times;
}
