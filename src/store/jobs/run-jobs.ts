import { toEaselError } from '../../core/errors';
import type { Picture } from '../../core/image/picture';
import { asPaintedBy, dropInapplicable } from '../../core/request/applicable';
import { POSTPROCESSING, postprocessingText } from '../../core/request/upscaling';
import type { EngineEvent, PaintedPicture } from '../../engine/protocol';
import { changeGrid } from '../../jobs/grid';
import { type Enlargement, type Job, sizeOf } from '../../jobs/job';
import { type QueueState, type Running, remainingOf } from '../../jobs/queue';
import { errorText, sentenceText } from '../../texts/errors';
import { texts } from '../../texts/store';
import { inFrame } from '../canvas/canvas-frame';
import { type EngineState, type OpenModel, reportProblem, useEngine } from '../engine';
import { engine } from '../engine-port';
import { lendVae } from '../library/autoencoders';
import { learnHashesOf } from '../library/file-hashes';
import { noteRan, noteShort } from '../library/memory';
import { recoverDevice } from '../library/models';
import { openEntry } from '../library/open-entry';
import { STARTER_ID } from '../library/starter';
import { namedUpscaler, nameOfUpscaler, upscalerFor, type WithUpscaler, withUpscaler } from '../library/upscalers';
import { notify } from '../notices';
import { circumstancesOf } from '../settings/applicable-fields';
import { withModelDefaults } from '../settings/settings';
import { tellRemoved } from './cancel';
import { givenOf } from './inputs';
import { type Painting, paintingOf, queue, useJobs } from './jobs';
import { noteSpeed } from './live-speed';
import { sinks } from './sinks';
import { recordStep, startRecording } from './step-recording';

/** Paints whatever is queued whenever the engine is free. Returns what ends it. */
export function startQueue(): () => void {
  const stops = [
    queue.subscribe(({ running }) => {
      const { status } = useEngine.getState();
      if (running?.skipped && status.kind === 'painting') status.stop.abort();
      paintNext();
    }),
    useEngine.subscribe((now, before) => {
      if (now.model && now.model !== before.model) adoptWaiting(now.model, before.model?.id ?? STARTER_ID);
      forgetInterrupted(now, before);
      paintNext();
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

/** The model that is being opened because a job wants it, rather than a person. */
let openingFor: string | undefined;

/** A model that waits to be loaded goes first, also one that is to be loaded again. */
function isFree({ status, opening, stopped }: EngineState): boolean {
  return status.kind === 'ready' && opening === 0 && !stopped && openingFor === undefined && !queue.state.running;
}

function paintNext(): void {
  const state = useEngine.getState();
  const [next] = queue.state.waiting;
  if (!next || !isFree(state)) return;
  // The cells of a plot may be of several.
  const [{ model }] = next.children;
  // What it changes in the queue calls this again.
  if (model === undefined && state.model) adoptWaiting(state.model, state.model.id);
  else if (model === undefined || model === state.model?.id) void paintTaken();
  else void openFor(model);
}

/** Opens the model that the next job was asked for with; where it cannot be, what waits for it is taken off. */
async function openFor(model: string): Promise<void> {
  openingFor = model;
  const opened = await openEntry(model);
  openingFor = undefined;
  if (opened) return paintNext();
  const waiting = queue.state.waiting.filter(({ children: [next] }) => next.model === model);
  const removed = waiting.map(({ parent }) => queue.cancel(parent.id));
  tellRemoved({ grids: removed.flatMap(({ grids }) => grids) }, texts.removedWithModel);
}

/**
 * A model was opened. What was asked for before any was known takes its settings; what was asked for with the one
 * before goes along, as the person wants this one now. A test is of its own model, and what is left of an earlier visit
 * keeps its own, too.
 */
function adoptWaiting({ id, info }: OpenModel, before: string): void {
  queue.changeWaiting((grid) => {
    const { model, sink } = grid.parent;
    if (model === undefined) return changeGrid(grid, (job) => ({ ...withDefaults(job, info.defaults), model: id }));
    const isOfOne = grid.children.every((child) => child.model === model);
    const goesAlong = model === before && isOfOne && !sinks.of({ sink }).keepsModel && openingFor === undefined;
    return goesAlong ? changeGrid(grid, (job) => ({ ...job, model: id })) : grid;
  });
}

/** Generate was pressed while the first model was on its way, by someone who could not know its sizes. */
function withDefaults(job: Job, defaults: OpenModel['info']['defaults']): Job {
  const request = withModelDefaults(job.request, defaults);
  return { ...job, request: job.place ? inFrame(request, job.place) : request };
}

/** A failure was dismissed, or another model is on its way: the picture that failed goes off the stage. */
function forgetInterrupted({ problem, status }: EngineState, before: EngineState): void {
  const isDismissed = before.problem !== undefined && problem === undefined && status.kind !== 'loading';
  const isReplaced = status.kind === 'loading' && before.status.kind !== 'loading' && !status.loading.recovering;
  if (isDismissed || isReplaced) useJobs.setState({ interrupted: undefined });
}

/** How a picture ended: done, or skipped, after which its grid goes on, or with all its grid. */
type Outcome = 'over' | 'with-its-grid' | 'device-lost';

async function paintTaken(): Promise<void> {
  const stop = new AbortController();
  useEngine.setState({ status: { kind: 'painting', stop } });
  const running = queue.take();
  if (!running) return;
  const { quiet } = sinks.of(running.child);
  useJobs.setState(({ painting }) => ({
    painting: quiet ? undefined : paintingOf(running, painting),
    interrupted: undefined,
    takenOff: [],
  }));
  sinks.begin(running);
  const outcome = await paintOne(running.child, stop.signal);
  if (outcome === 'device-lost') await recoverFrom(running);
  else {
    endRunning(running, outcome === 'over');
    useEngine.setState({ status: { kind: 'ready' } });
    // Where the next one has begun meanwhile, it has taken this one's place.
    if (!queue.state.running) useJobs.setState({ painting: undefined });
  }
}

function endRunning({ grid: { parent } }: Running, gridGoesOn: boolean): void {
  if (!(gridGoesOn ? queue.finish() : queue.drop())) sinks.end(parent);
}

async function paintOne(child: Job, signal: AbortSignal): Promise<Outcome> {
  const kept: Promise<unknown>[] = [];
  try {
    await ask(
      child,
      (event) => {
        if (event.type === 'picture') kept.push(deliver(event.picture, child));
        else {
          const { fromForm, watch } = sinks.of(child);
          if (fromForm) recordEvent(event, child);
          watch?.(event, child);
          changePainting(progressOf(event));
        }
      },
      signal,
    );
    return 'over';
  } catch (thrown) {
    return failed(thrown, child);
  } finally {
    // The stage goes over to the picture only once it stands in the gallery, so that it never flashes empty.
    await Promise.allSettled(kept);
  }
}

/** Has the engine paint a job's picture. */
async function ask(job: Job, onEvent: (event: EngineEvent) => void, signal: AbortSignal): Promise<unknown> {
  learnHashesOf(job.request);
  const { info } = useEngine.getState().model ?? {};
  const wanted = info ? asPaintedBy(job.request, info) : job.request;
  const asked = dropInapplicable(wanted, circumstancesOf(wanted.prompt, info));
  const given = job.inputs.length > 0 ? await givenOf(job.inputs) : undefined;
  if (job.enlargement && given) return enlarge(job, job.enlargement, given.picture, onEvent, signal);
  const { request, upscaler, note }: WithUpscaler = namedUpscaler(asked)
    ? await withUpscaler(asked)
    : { request: asked };
  if (note !== undefined) tellOnce(note, job);
  const inputs = given || upscaler ? { ...given, upscaler } : undefined;
  const lending = lendVae(job.vae);
  if (lending) await lending; // else the engine is asked at once
  if (job.mix) return engine().walk(request, job.mix, inputs, onEvent, signal);
  return engine().generate(request, inputs, onEvent, signal);
}

/** Has a finished picture made larger, which then comes as one that was painted does. */
async function enlarge(
  { request }: Job,
  { factor, upscaler, parameters }: Enlargement,
  picture: Picture,
  onEvent: (event: EngineEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  const { png, width, height, totalMs, notes } = await engine().upscale(
    {
      picture,
      upscaler: await upscalerFor(upscaler),
      to: { width: Math.round(picture.width * factor), height: Math.round(picture.height * factor) },
      texts: { parameters, [POSTPROCESSING]: postprocessingText(factor, nameOfUpscaler(upscaler)) },
    },
    onEvent,
    signal,
  );
  const timings = { encodeMs: 0, denoiseMs: 0, decodeMs: 0, totalMs };
  onEvent({ type: 'picture', index: 0, picture: { png, width, height, request, parameters, timings, notes } });
}

/** Takes a finished picture where its job wants it. */
async function deliver(picture: PaintedPicture, job: Job): Promise<void> {
  if (!job.enlargement) {
    useJobs.setState({ decodeMs: picture.timings.decodeMs });
    noteRan(sizeOf(job));
    noteSpeed(picture);
  }
  for (const note of picture.notes ?? []) tellOnce(sentenceText(note), job);
  await sinks.deliver(picture, job);
}

/** What was said with a picture of the same grid already. */
let reported: { parent: string | undefined; notes: Set<string> } = { parent: undefined, notes: new Set() };

function tellOnce(note: string, job: Job): void {
  const { parent } = job;
  if (reported.parent !== parent) reported = { parent, notes: new Set() };
  if (!reported.notes.has(note)) (sinks.of(job).aside?.note ?? notify)(note);
  reported.notes.add(note);
}

/** What becomes of a picture that did not come to its end, and of its grid. */
function failed(thrown: unknown, job: Job): Outcome {
  const { request, enlargement } = job;
  const error = toEaselError(thrown);
  const skipped = queue.state.running?.skipped ? 'over' : 'with-its-grid';
  if (error.code === 'aborted') return skipped;
  const stage = useJobs.getState().painting?.stage;
  keepPreview();
  if (error.code === 'device-lost') return 'device-lost';
  if (enlargement && error.code !== 'engine-stopped') {
    notify(texts.notUpscaled(job.origin?.number ?? 0, errorText(error)));
    return 'with-its-grid';
  }
  if (error.code === 'out-of-memory') noteShort(sizeOf(job));
  const { aside } = sinks.of(job);
  if (aside && error.code !== 'engine-stopped') {
    aside.failed(error);
    return 'with-its-grid';
  }
  reportProblem(error, 'paint', request.prompt, { stage, grid: leftOf(queue.state) });
  if (error.code !== 'engine-stopped') return 'with-its-grid';
  for (const removed of useJobs.getState().takenOff.toReversed()) queue.putBack(removed);
  return skipped;
}

/** What is being painted, and what of its grid comes after it. */
const leftOf = (state: QueueState) => (state.running ? remainingOf(state).at(0) : undefined);

/** What a picture had come to when it failed stays on the stage, if there was anything to see. */
function keepPreview(): void {
  const { painting } = useJobs.getState();
  // Before its first step, the preview is still that of the one before.
  if (painting?.preview && painting.step > 0) useJobs.setState({ interrupted: painting });
}

/** The steps of the picture that is being painted, for the lab. */
function recordEvent(event: EngineEvent, { request }: Job): void {
  if (event.type === 'preview') recordStep(event);
  else if (event.type === 'stage' && event.stage === 'encode-prompt') startRecording(request);
}

/** A picture is painted again once on a recovered device; one that loses it twice is too much for it. */
const retried = new Set<string>();

async function recoverFrom(running: Running): Promise<void> {
  const { id } = running.child;
  const again = !retried.has(id);
  retried.add(id);
  if (again && !queue.state.running?.skipped) queue.retry();
  else endRunning(running, again);
  useJobs.setState({ painting: undefined });
  await recoverDevice(again);
}

function changePainting(change: Partial<Painting>): void {
  useJobs.setState(({ painting }) => ({ painting: painting && { ...painting, ...change } }));
}

/** What an event changes of the painting that the page shows. */
function progressOf(event: Exclude<EngineEvent, { type: 'picture' }>): Partial<Painting> {
  switch (event.type) {
    case 'download':
      return {};
    case 'stage':
      // Each pass denoises, and its steps count on.
      return event.stage === 'denoise'
        ? { stage: 'denoise', place: event.place, tile: event.tile }
        : { stage: event.stage, tile: event.tile };
    case 'step':
      return { step: event.step, of: event.of, msPerStep: event.msPerStep, work: event.work };
    case 'preview':
      return { preview: event.image };
    default:
      return event satisfies never;
  }
}
