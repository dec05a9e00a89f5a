import { toEaselError } from '../../core/errors';
import { dropInapplicable } from '../../core/request/applicable';
import { batchPicture, type GenerationRequest } from '../../core/request/request';
import type { WalkEnd } from '../../core/request/walk';
import type { EngineEvent, PaintedPicture } from '../../engine/protocol';
import { offerCandidate } from '../canvas/canvas-candidates';
import {
  type EngineState,
  type Job,
  type Painting,
  paintingOf,
  type QueuedRequest,
  reportProblem,
  useEngine,
} from '../engine';
import { engine } from '../engine-port';
import { addPicture, showLatest } from '../gallery/gallery';
import { missingLoras } from '../library/adapters';
import { openModel, recoverDevice } from '../library/models';
import { notify } from '../notices';
import { circumstancesOf } from '../settings/applicable-fields';
import { rememberPrompt } from '../settings/prompt-history';
import { currentRequest, firstProblem, useSettings } from '../settings/settings';
import { addFrame, beginFilm } from './film';
import { type DrawSeed, resolveSeed } from './seeds';
import { keepTest } from './test-picture';
import { addWalkPicture, beginWalk } from './walk';

let nextId = 1;

/**
 * Paints what the form says, after what already waits. Before a model is there it waits for one.
 * @returns false when a field is wrong, which its own message explains.
 */
export function paint(draw?: DrawSeed): boolean {
  const settings = useSettings.getState();
  if (firstProblem(settings)) return false;
  enqueue(currentRequest(settings), { kind: 'words' }, draw);
  showLatest();
  return true;
}

/**
 * Paints a walk from one seed or prompt to another, everything else as the form says, after what already waits.
 * @returns false when a field of the form is wrong.
 */
export function paintWalk(from: WalkEnd, to: WalkEnd, pictures: number, draw?: DrawSeed): boolean {
  const settings = useSettings.getState();
  if (firstProblem(settings)) return false;
  enqueue({ ...currentRequest(settings), ...from, batchCount: 1 }, { kind: 'walk', to, pictures }, draw);
  return true;
}

/** Puts a request behind those that wait, its seed drawn; a model that is gone is loaded again for it. */
export function enqueue(wished: GenerationRequest, job: Job, draw?: DrawSeed): void {
  const request = { ...wished, seed: resolveSeed(wished.seed, draw) };
  if (job.kind !== 'walk' && job.kind !== 'test') rememberPrompt(request.prompt);
  const missing = missingLoras(request.prompt);
  if (missing.length > 0)
    notify(`Painted without ${missing.join(', ')}: drop the LoRA’s .safetensors file on the page.`);
  const { stopped, opening, model } = useEngine.getState();
  if (stopped && opening === 0 && model) void openModel(model);
  useEngine.setState(({ queue }) => ({ queue: [...queue, { id: nextId++, request, job }], problem: undefined }));
}

/**
 * Ends the running picture within a step and takes the queue off, which can be put back. Where there is nothing more to
 * take off, a second wish ends the engine itself, at once.
 */
export function cancelPainting(): void {
  const { status, queue } = useEngine.getState();
  const painting = paintingOf(status);
  if (painting?.cancelling && queue.length === 0) {
    engine().stop();
    return;
  }
  clearQueue(queue);
  if (status.kind !== 'painting') return;
  changePainting({ cancelling: true, takenOff: [...status.painting.takenOff, ...queue] });
  status.stop.abort();
}

function clearQueue(queue: readonly QueuedRequest[]): void {
  if (queue.length === 0) return;
  useEngine.setState({ queue: [] });
  const pictures = queue.length === 1 ? '1 queued request' : `${queue.length} queued requests`;
  notify(`${pictures} taken off.`, { label: 'Put back', run: () => requeue(queue) });
}

/** Each once: what comes back by itself may be put back by hand, too. */
function requeue(requests: readonly QueuedRequest[]): void {
  useEngine.setState(({ queue }) => ({ queue: [...queue, ...requests.filter((request) => !queue.includes(request))] }));
}

/** Paints whatever is queued whenever the engine is free. Returns what ends it. */
export function keepPainting(): () => void {
  return useEngine.subscribe((state) => {
    const [next] = state.queue;
    if (next && isFree(state)) void paintNext(next);
  });
}

/** A model that waits to be loaded goes first, also one that is to be loaded again. */
function isFree({ status, opening, stopped }: EngineState): boolean {
  return status.kind === 'ready' && opening === 0 && !stopped;
}

async function paintNext(next: QueuedRequest): Promise<void> {
  const stop = new AbortController();
  useEngine.setState(({ queue }) => ({
    queue: queue.filter((other) => other !== next),
    status: { kind: 'painting', painting: startOf(next), stop },
    interrupted: undefined,
  }));
  const lost = await paintOne(next, stop.signal);
  if (lost) await recoverFrom(next);
  else useEngine.setState({ status: { kind: 'ready' } });
}

function startOf({ request, job }: QueuedRequest): Painting {
  return {
    request,
    job,
    stage: 'encode-prompt',
    step: 0,
    of: request.steps,
    picture: 0,
    pictures: job.kind === 'walk' ? job.pictures : request.batchCount,
    msPerStep: 0,
    cancelling: false,
    takenOff: [],
  };
}

/** @returns true when the graphics device was lost meanwhile. */
async function paintOne({ request, job }: QueuedRequest, signal: AbortSignal): Promise<boolean> {
  const info = useEngine.getState().model?.info;
  const kept: Promise<unknown>[] = [];
  try {
    const onEvent = (event: EngineEvent) => {
      if (event.type === 'picture') {
        useEngine.setState({ decodeMs: event.picture.timings.decodeMs });
        kept.push(deliver(event.picture, job, info?.name ?? ''));
      } else {
        if (job.kind !== 'walk' && job.kind !== 'test') keepFilm(event, request);
        changePainting(progressOf(event));
      }
    };
    await ask(dropInapplicable(request, circumstancesOf(request.prompt, info)), job, onEvent, signal);
  } catch (thrown) {
    const error = toEaselError(thrown);
    if (error.code === 'aborted') return false;
    keepPreview();
    if (error.code === 'device-lost') return true;
    if (error.code === 'engine-stopped') requeue(paintingOf(useEngine.getState().status)?.takenOff ?? []);
    reportProblem(error, 'paint', request.prompt);
  } finally {
    // The stage goes over to the picture only once it stands in the gallery, so that it never flashes empty.
    await Promise.allSettled(kept);
  }
  return false;
}

/** Has the engine paint what a job asks for. */
async function ask(
  request: GenerationRequest,
  job: Job,
  onEvent: (event: EngineEvent) => void,
  signal: AbortSignal,
): Promise<unknown> {
  switch (job.kind) {
    case 'words':
    case 'test':
      return engine().generate(request, undefined, onEvent, signal);
    case 'canvas':
      return engine().generate(request, job.given, onEvent, signal);
    case 'walk': {
      const { to, pictures } = job;
      beginWalk(pictures);
      return engine().walk({ from: request, to, pictures }, onEvent, signal);
    }
    default:
      return job satisfies never;
  }
}

/** Takes a finished picture where its job wants it. */
async function deliver(picture: PaintedPicture, job: Job, model: string): Promise<void> {
  for (const note of picture.notes ?? []) notify(note);
  switch (job.kind) {
    case 'words':
      await addPicture(picture, model);
      break;
    case 'canvas':
      await offerCandidate(picture, job.box, (await addPicture(picture, model)).record.id);
      break;
    case 'walk':
      addWalkPicture(picture);
      break;
    case 'test':
      await keepTest(job.model, picture);
      break;
    default:
      job satisfies never;
  }
}

/** What a run had come to when it failed stays on the stage, if there was anything to see. */
function keepPreview(): void {
  const painting = paintingOf(useEngine.getState().status);
  // Before the first step of a batch's next picture, the preview is still that of the one before.
  if (painting?.preview && painting.step > 0) useEngine.setState({ interrupted: painting });
}

/** The steps of the picture that is being painted, for the lab. */
function keepFilm(event: EngineEvent, request: GenerationRequest): void {
  if (event.type === 'preview') addFrame(event);
  else if (event.type === 'stage' && event.stage === 'denoise') beginFilm(batchPicture(request, event.picture));
}

/** A request is painted again once on a recovered device; one that loses it twice is too much for it. */
const retried = new WeakSet<GenerationRequest>();

async function recoverFrom(lost: QueuedRequest): Promise<void> {
  const again = !retried.has(lost.request);
  retried.add(lost.request);
  if (again) useEngine.setState(({ queue }) => ({ queue: [lost, ...queue] }));
  await recoverDevice(again);
}

function changePainting(change: Partial<Painting>): void {
  useEngine.setState(({ status }) =>
    status.kind === 'painting' ? { status: { ...status, painting: { ...status.painting, ...change } } } : {},
  );
}

/** What an event changes of the painting that the page shows. */
function progressOf(event: Exclude<EngineEvent, { type: 'picture' }>): Partial<Painting> {
  switch (event.type) {
    case 'download':
      return {};
    case 'stage': {
      const { stage, picture, pictures, place } = event;
      // A new picture of a batch starts again at its first step.
      return stage === 'denoise' ? { stage, picture, pictures, place, step: 0 } : { stage, picture, pictures };
    }
    case 'step': {
      const { step, of, picture, pictures, msPerStep } = event;
      return { step, of, picture, pictures, msPerStep };
    }
    case 'preview':
      return { preview: event.image };
    default:
      return event satisfies never;
  }
}
