import { create } from 'zustand';
import type { GenerationRequest } from '../../core/request/request';
import type { PaintedPicture } from '../../engine/protocol';
import { texts } from '../../texts/live';
import { type OpenModel, useEngine } from '../engine';
import { paintingMs } from './painting-cost';
import { measuredDuration } from './time-left';

/**
 * What a picture must take less than to be painted live, in milliseconds; once some were, twice as long ends it, since
 * a machine has other things to do as well.
 */
const LIVE_MS = 1000;
const STILL_LIVE_MS = 2 * LIVE_MS;

/** As many pictures tell how fast a device is, by the fastest of them. */
const REMEMBERED = 3;
/** The first picture of a size pays for what the device sets up: one alone does not tell. */
const TELLING = 2;

type Measured = Pick<PaintedPicture, 'request' | 'timings'>;
type Sized = Pick<GenerationRequest, 'width' | 'height' | 'steps' | 'cfgScale'>;

/** The last pictures of the open model where it runs now; opened elsewhere, it is measured anew. */
export const useSpeed = create<{ of: OpenModel | undefined; last: readonly Measured[] }>(() => ({
  of: undefined,
  last: [],
}));

/** Takes up what a finished picture took. One of several passes does not tell what one takes. */
export function noteSpeed({ request, timings }: Measured): void {
  const { model } = useEngine.getState();
  if (request.hires || request.sdUpscale) return;
  useSpeed.setState(({ of, last }) => ({
    of: model,
    last: [{ request: sizedOf(request), timings }, ...(of === model ? last : [])].slice(0, REMEMBERED),
  }));
}

/** With the steps that it takes: from a picture, those of its strength. */
function sizedOf<T extends Sized & Pick<GenerationRequest, 'denoisingStrength'>>(request: T): T {
  const { steps, denoisingStrength = 1 } = request;
  return { ...request, steps: Math.max(1, Math.floor(steps * denoisingStrength)) };
}

/**
 * About what a picture will take here, in milliseconds, by the fastest of the last ones; undefined while none tells.
 */
function expectedMs(wanted: GenerationRequest): number | undefined {
  const { of, last } = useSpeed.getState();
  if (of !== useEngine.getState().model || last.length < TELLING) return undefined;
  return Math.min(...last.map((measured) => paintingMs(sizedOf(wanted), measured)));
}

/** Sizes are tried in steps of this many pixels, down to the least that networks of three downsamplings paint. */
const GRID = 64;

/** Fewer steps than these make no picture of a model that was not made for it. */
const LEAST_STEPS = 4;

/** What would be painted fast enough: as large as can be, with as many of the steps as fit; undefined where nothing. */
function inReach(wanted: GenerationRequest): Pick<GenerationRequest, 'width' | 'height' | 'steps'> | undefined {
  const longer = Math.max(wanted.width, wanted.height);
  for (let side = longer; side >= GRID; side -= GRID) {
    const onGrid = (length: number) => Math.max(GRID, Math.round((length * side) / longer / GRID) * GRID);
    const size =
      side === longer
        ? { width: wanted.width, height: wanted.height }
        : { width: onGrid(wanted.width), height: onGrid(wanted.height) };
    for (let { steps } = wanted; steps >= Math.min(LEAST_STEPS, wanted.steps); steps--) {
      const ms = expectedMs({ ...wanted, ...size, steps });
      if (ms !== undefined && ms < LIVE_MS) return { ...size, steps };
    }
  }
  return undefined;
}

/**
 * Why a request is not painted live here, and what would be; undefined where it is, or nothing is known yet.
 * @param isPainting some were
 */
export function tooSlow(wanted: GenerationRequest, isPainting: boolean): string | undefined {
  const ms = expectedMs(wanted);
  if (ms === undefined || ms < (isPainting ? STILL_LIVE_MS : LIVE_MS)) return undefined;
  const reach = inReach(wanted);
  const isAsLarge = reach?.width === wanted.width && reach.height === wanted.height;
  const way = !reach ? texts.fasterDevice : isAsLarge ? texts.fewerSteps(reach) : texts.smaller(reach);
  return `${texts.tooSlow(measuredDuration(ms))} ${way}`;
}
