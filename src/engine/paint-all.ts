import type { Said } from '../core/errors';
import type { InputImage } from '../core/image/picture';
import type { GenerationRequest } from '../core/request/request';
import type { Walk } from '../core/request/walk';
import { paint } from '../pipeline/generate';
import type { Painted } from '../pipeline/painted';
import { encodePicture } from '../pipeline/picture';
import type { PaintHooks, PaintStep } from '../pipeline/progress';
import type { OpenModel } from './open-model';
import type { Previews } from './preview';
import type { EngineEvent, GenerationResult, NamedFile, PaintedPicture } from './protocol';
import { openNetwork } from './upscale';

/** One picture to paint. */
export interface PictureJob {
  request: GenerationRequest;
  walk?: Walk;
  given?: InputImage;
}

/** With what, and for whom. */
export interface Painting {
  open: OpenModel;
  previews: Previews;
  /** The file of the network that the requests enlarge with. */
  upscaler: NamedFile | undefined;
  emit(event: EngineEvent): void;
  signal: AbortSignal | undefined;
}

/** Paints pictures one after another; each arrives as an event. @param notes told with the first one */
export async function paintAll(
  jobs: readonly PictureJob[],
  notes: readonly Said[],
  painting: Painting,
): Promise<GenerationResult> {
  const { open, signal, emit } = painting;
  open.texts.keepFor(open.adapters.appliedKey);
  const started = performance.now();
  const upscaler = painting.upscaler && (await openNetwork(painting.upscaler, open.device));
  try {
    for (const [picture, { request, walk, given }] of jobs.entries()) {
      const hooks = { ...progressHooks({ picture, pictures: jobs.length }, painting), signal };
      const painted = await paint(open.model, request, hooks, { walk, given, upscaler }, open.texts);
      const before = [...(picture === 0 ? notes : []), ...open.model.takeNotes()];
      emit({ type: 'picture', index: picture, picture: await asPicture(painted, request, open, before, walk) });
    }
  } finally {
    await upscaler?.release();
  }
  return { pictures: jobs.length, totalMs: performance.now() - started };
}

/** What tells the page how far a picture is, with a preview after each step. */
function progressHooks(
  place: { picture: number; pictures: number },
  { open: { model }, previews, emit }: Painting,
): Pick<PaintHooks, 'onStage' | 'onStep'> {
  let stepStarted = 0;
  let msPerStep = 0;
  let stepsOfPass = 0;
  return {
    onStage(stage, box, tile) {
      emit({ type: 'stage', stage, ...place, place: box, tile });
      stepsOfPass = 0;
      stepStarted = performance.now();
    },
    async onStep(info: PaintStep) {
      const { step, of, text, sigma, size, work } = info;
      const now = performance.now();
      // The first step of a shape pays for the set-up; later ones tell what is to come.
      msPerStep = stepsOfPass++ < 2 ? now - stepStarted : 0.7 * msPerStep + 0.3 * (now - stepStarted);
      stepStarted = now;
      emit({ type: 'step', step: step + 1, of, ...place, msPerStep, work });
      const preview = await previews.of(info, model.info, size.height, size.width);
      if (preview) emit({ type: 'preview', ...preview, text, sigma, step: step + 1, picture: place.picture });
    },
  };
}

/** A painting as the page gets it: a PNG with its settings. */
async function asPicture(
  painted: Painted,
  request: GenerationRequest,
  { model, adapters, vae, hashes }: OpenModel,
  before: readonly Said[],
  walk: Walk | undefined,
): Promise<PaintedPicture> {
  const { png, parameters } = await encodePicture(painted, request, model.info, {
    walk,
    vae,
    hashes: adapters.hashesUsed(hashes),
  });
  const { width, height, timings, place } = painted;
  const notes = [...before, ...painted.notes];
  return {
    png: new Blob([png], { type: 'image/png' }),
    width,
    height,
    request,
    parameters,
    timings,
    place,
    notes: notes.length > 0 ? notes : undefined,
  };
}
