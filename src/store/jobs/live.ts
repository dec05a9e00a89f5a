import type { InputImage } from '../../core/image/picture';
import { isPictured } from '../../core/request/applicable';
import { SAMPLER_FIELDS } from '../../core/request/fields';
import type { GenerationRequest } from '../../core/request/request';
import { frameUse } from '../../editor/document/frame-use';
import { batchGrid, type Grid, resolveGrid } from '../../jobs/grid';
import { type Job, recipeFor } from '../../jobs/job';
import { resolveSeeds } from '../../jobs/seeds';
import { errorText } from '../../texts/errors';
import { canvas, isCanvasUsed } from '../canvas/canvas';
import { inFrame } from '../canvas/canvas-frame';
import { paintedFrom } from '../canvas/suit-canvas';
import { type ModelInfo, useEngine } from '../engine';
import { useGallery } from '../gallery/gallery';
import { inStyles, useStyles } from '../lists/styles';
import { useWildcards } from '../lists/wildcards';
import { classProblem } from '../settings/applicable-fields';
import { usePreferences } from '../settings/preferences';
import { currentRequest, firstProblem, unset, useSettings } from '../settings/settings';
import { drawSeed } from './draw-seed';
import { keepInputs } from './inputs';
import { queue } from './jobs';
import { dropLive, expectLive, type LiveSource, useLive } from './live-picture';
import { tooSlow } from './live-speed';
import { sinks } from './sinks';

/** What is to be painted, as the page stands. */
interface Wish {
  source: LiveSource;
  request: GenerationRequest;
  /** On the canvas: where, and what reads the pixels that are there. */
  place?: Job['place'];
  given?(): InputImage;
  /** Two wishes of one key have one picture. */
  key: readonly unknown[];
}

/** A wish that waits for the engine, and since when. */
let due: { wish: Wish; since: number } | undefined;
/** The last wish that was taken up. */
let taken: Wish['key'] = [];
/** The inputs of one are being kept. */
let preparing = false;
/** Since when the person has seen nothing of what changed. */
let unseenSince: number | undefined;

/** While nothing was to be seen for this long, the running picture is let finish, so that steady typing shows some. */
const UNSEEN_MS = 1000;

/** Paints live from now on, or no longer. */
export function setLive(on: boolean): void {
  if (!on) dropLive();
  useLive.setState({ on, problem: undefined, seed: drawSeed() });
}

/** Paints the same with another seed, where the form leaves that open. */
export function drawLiveSeed(): void {
  useLive.setState({ seed: drawSeed() });
}

/** Puts the picture that is shown where Generate's go: to the results, and on the canvas at its place. */
export async function keepLive(): Promise<void> {
  const { picture } = useLive.getState();
  if (!picture || picture.isKept) return;
  useLive.setState({ picture: { ...picture, isKept: true } });
  await sinks.of({ sink: picture.source === 'canvas' ? 'canvas' : 'gallery' }).deliver(picture.painted, picture.job);
}

/** Paints what changes, while it is asked for. @returns what ends it */
export function followLive(): () => void {
  const stops = [
    useLive.subscribe(({ on, source, seed, picture }, before) => {
      if (picture !== before.picture) unseenSince = undefined;
      if (on !== before.on || source !== before.source || seed !== before.seed) follow();
    }),
    useSettings.subscribe(follow),
    useStyles.subscribe(follow),
    useWildcards.subscribe(follow),
    usePreferences.subscribe(follow),
    canvas.subscribe(follow),
    useEngine.subscribe(({ model }, before) => {
      if (model !== before.model) follow();
      void paintDue();
    }),
    queue.subscribe(({ running, waiting }) => {
      // What was asked for by its button is painted at once, and is to be seen.
      if (waiting.length > 0) supersede();
      if (running && running.child.sink !== 'live') useLive.setState({ isShown: false });
      void paintDue();
    }),
    useGallery.subscribe(({ shown }, before) => {
      if (shown !== before.shown && shown.kind === 'result') useLive.setState({ isShown: false });
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

/** Takes up what the page says now, in the place of what it said before. */
function follow(): void {
  const wish = wishNow();
  if (!wish) {
    rest();
    return;
  }
  if (wish.key.length === taken.length && wish.key.every((part, at) => part === taken[at])) return;
  taken = wish.key;
  const since = performance.now();
  due = { wish, since };
  unseenSince ??= since;
  if (since - unseenSince < UNSEEN_MS) supersede();
  void paintDue();
}

function rest(): void {
  due = undefined;
  taken = [];
  unseenSince = undefined;
  supersede();
}

/** Ends the picture that is being painted live, within a step. */
function supersede(): void {
  const { running } = queue.state;
  if (running?.child.sink === 'live' && !running.skipped) queue.cancel(running.grid.parent.id);
}

function wishNow(): Wish | undefined {
  const { on, source, seed } = useLive.getState();
  const info = useEngine.getState().model?.info;
  if (!on || !source || !info) return undefined;
  const settings = useSettings.getState();
  const { document } = canvas.snapshot();
  const isOfCanvas = source === 'canvas';
  if (isOfCanvas && !isCanvasUsed()) return undefined;
  const from = isOfCanvas ? paintedFrom(frameUse(document)) : 'words';
  if (firstProblem(settings, from) ?? classProblem(settings, info)) return undefined;
  const asked = liveRequest(inStyles(currentRequest(settings, from)), info, seed);
  const key = (request: GenerationRequest) => [source, JSON.stringify(request), useEngine.getState().model];
  if (!isOfCanvas) return { source, request: asked, key: key(asked) };
  const request = inFrame(asked, document.frame);
  const given = () => ({ picture: canvas.exportPicture(), mask: from === 'mask' ? canvas.exportMask() : undefined });
  const onCanvas = { source, request, place: document.frame, key: [...key(request), document] };
  return isPictured(from) ? { ...onCanvas, given } : onCanvas;
}

/**
 * A request as it is painted live: one picture in one pass, always of the same seed, and in few steps where the model
 * has a LoRA for that.
 */
export function liveRequest(
  request: GenerationRequest,
  { fast }: Pick<ModelInfo, 'fast'>,
  seed: number,
): GenerationRequest {
  const few = fast &&
    !request.fast && {
      ...unset(SAMPLER_FIELDS),
      schedule: 'automatic' as const,
      ...fast,
      fast: true,
      steps: Math.min(request.steps, fast.steps ?? request.steps),
    };
  return resolveSeeds({ ...request, ...few, hires: undefined, batchCount: 1 }, () => seed);
}

/** What a person asked for by a button goes first, and a model that is on its way. */
function isFree(): boolean {
  const { status, opening, stopped } = useEngine.getState();
  const { running, waiting } = queue.state;
  return status.kind === 'ready' && opening === 0 && !stopped && !running && waiting.length === 0;
}

async function paintDue(): Promise<void> {
  if (!due || preparing || !isFree()) return;
  const { wish, since } = due;
  const { picture, problem: before } = useLive.getState();
  const problem = tooSlow(wish.request, picture !== undefined && before === undefined);
  useLive.setState({ problem });
  if (problem !== undefined) {
    due = undefined;
    return;
  }
  try {
    const grid = await gridOf(wish);
    // Something newer may have come meanwhile, or what goes first.
    if (due?.wish !== wish) void paintDue();
    else if (isFree()) {
      due = undefined;
      expectLive(wish.source, since);
      queue.enqueue(grid);
    }
  } catch (thrown) {
    due = undefined;
    useLive.setState({ problem: errorText(thrown) });
  }
}

/** The job of a wish. @throws EaselError `bad-request` for templates that cannot be resolved */
async function gridOf({ request, place, given }: Wish): Promise<Grid> {
  preparing = true;
  try {
    const inputs = given ? await keepInputs(given()) : [];
    const model = useEngine.getState().model?.id;
    const recipe = recipeFor(inputs, request);
    const job: Job = { id: crypto.randomUUID(), model, request, recipe, inputs, sink: 'live', place };
    return resolveGrid(batchGrid(job), useWildcards.getState().wildcards);
  } finally {
    preparing = false;
  }
}
