import { createEngineClient } from '../../../src/engine/client';
import { useEngine } from '../../../src/store/engine';
import { connectEngine } from '../../../src/store/engine-port';
import { followLive, setLive } from '../../../src/store/jobs/live';
import { type LivePicture, useLive } from '../../../src/store/jobs/live-picture';
import { startQueue } from '../../../src/store/jobs/run-jobs';
import { STARTER } from '../../../src/store/library/starter';
import { adoptModel, changeSettings } from '../../../src/store/settings/settings';
import { median, type Suite, spawnEngine } from '../page';

const PROMPT = 'a fox to the left of a tree, flat emoji';
/** A quick typist's pace, and that of ten edits in five seconds. */
const PACE_MS = { typing: 125, edits: 500 };

/**
 * From a keystroke to its picture, on the page's own path but for React: the form's store, the live loop, the queue,
 * its sink, the worker, and the browser's decoding of the PNG. A picture that a newer change superseded counts as none.
 */
export const live: Suite = async ({ device, kernels, tiny }) => {
  const client = createEngineClient(spawnEngine, document.baseURI);
  connectEngine(client);
  const loaded = await client.load({ source: STARTER.source, device, kernels, vocabulary: '/models/clip/' });
  useEngine.setState({ model: { ...STARTER, ...loaded }, status: { kind: 'ready' } });
  adoptModel(loaded.info.name, loaded.info.defaults);
  changeSettings({ seed: 7, ...(tiny && { width: 64, height: 64, steps: 2 }) });
  const stops = [startQueue(), followLive()];
  useLive.setState({ source: 'words' });
  const began = performance.now();
  setLive(true);
  const first = await shownFor('');
  // The first pictures pay for "Fast", for the shape and for the kernels.
  for (const prompt of ['a', 'a fox']) await afterChange(prompt);
  const typed = await typing(tiny ? PROMPT.slice(0, 12) : PROMPT);
  const edits: number[] = [];
  for (let edit = 1; edit <= 10; edit++) {
    const started = performance.now();
    edits.push(await afterChange(`${PROMPT}, ${edit}`));
    await rest(PACE_MS.edits - (performance.now() - started));
  }
  const { timings, request } = (useLive.getState().picture as LivePicture).painted;
  const problem = useLive.getState().problem;
  setLive(false);
  for (const stop of stops) stop();
  const plain = await plainTimes(request, client);
  client.dispose();
  return {
    device: loaded.device,
    painted: { width: request.width, height: request.height, steps: request.steps, fast: request.fast ?? false },
    problem,
    firstMs: first - began,
    typed,
    edits: { median: median(edits), least: Math.min(...edits), most: Math.max(...edits), all: edits.map(Math.round) },
    timings,
    plain,
  };
};

const rest = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, Math.max(0, ms)));

/** When the picture of a prompt is there, and decoded, as an `<img>` would have it. */
async function shownFor(prompt: string): Promise<number> {
  const isThere = () => useLive.getState().picture?.painted.request.prompt === prompt;
  await new Promise<void>((resolve, reject) => {
    const look = () => {
      const { problem } = useLive.getState();
      if (problem !== undefined) reject(new Error(problem));
      if (isThere()) resolve();
      return isThere() || problem !== undefined;
    };
    if (look()) return;
    const stop = useLive.subscribe(() => look() && stop());
  });
  await createImageBitmap((useLive.getState().picture as LivePicture).painted.png);
  return performance.now();
}

async function afterChange(prompt: string): Promise<number> {
  const started = performance.now();
  changeSettings({ prompt });
  return (await shownFor(prompt)) - started;
}

/** A prompt typed a letter at a time. @returns how many pictures came meanwhile, and ms from the last key to its own */
async function typing(prompt: string): Promise<{ keys: number; pictures: number; lastKeyMs: number }> {
  let pictures = 0;
  const stop = useLive.subscribe(({ picture }, before) => {
    if (picture && picture !== before.picture) pictures++;
  });
  for (let keys = 1; keys < prompt.length; keys++) {
    changeSettings({ prompt: prompt.slice(0, keys) });
    await rest(PACE_MS.typing);
  }
  const lastKeyMs = await afterChange(prompt);
  stop();
  return { keys: prompt.length, pictures, lastKeyMs };
}

/** The same picture asked of the engine itself, one call after another: what the loop and the stores add is the rest. */
async function plainTimes(
  request: LivePicture['painted']['request'],
  client: ReturnType<typeof createEngineClient>,
): Promise<{ median: number }> {
  const times: number[] = [];
  for (let time = 0; time < 5; time++) {
    const started = performance.now();
    await client.generate({ ...request, prompt: `${request.prompt} ${time}` });
    times.push(performance.now() - started);
  }
  return { median: median(times) };
}
