import { create } from 'zustand';
import type { Box } from '../../core/image/picture';
import { hiresSampling } from '../../core/request/hires';
import type { GenerationRequest } from '../../core/request/request';
import type { PreviewImage } from '../../engine/protocol';
import type { Job } from '../../jobs/job';
import { JobQueue, pictureIndex, type QueueState, type Removed, type Running } from '../../jobs/queue';
import type { Stage } from '../engine';

/** A picture on its way. */
export interface Painting {
  /** The child of a grid that this picture is. */
  job: Job;
  /** Which of its grid it is, from 0, and how many that has. */
  picture: number;
  pictures: number;
  stage: Stage;
  /** The tile that is being painted, where it is painted in tiles; counts from 1. */
  tile?: { number: number; of: number };
  /** Steps done; counts from 0. */
  step: number;
  of: number;
  msPerStep: number;
  /** What its steps take, where not all are alike: those that are left and all, in steps like the last. */
  work?: { left: number; whole: number };
  preview?: PreviewImage;
  /** What of a given picture the preview shows, in that one's pixels; all of it without. */
  place?: Box;
}

export interface JobsState extends QueueState {
  /** The picture of the moment. */
  painting: Painting | undefined;
  /**
   * A picture that failed on its way: its last preview stays on the stage until the failure is dismissed or another one
   * begins.
   */
  interrupted: Painting | undefined;
  /** What decoding took last time, for the time left. */
  decodeMs: number;
  /** Cancelling was wished for just now: the next wish is meant for everything. */
  again: boolean;
  /** What cancelling took off since the picture began; it comes back where the engine itself had to be ended. */
  takenOff: readonly Removed[];
}

/** The page's queue. */
export const queue = new JobQueue();

/** What the page shows of its jobs. */
export const useJobs = create<JobsState>(() => ({
  ...queue.state,
  painting: undefined,
  interrupted: undefined,
  decodeMs: 0,
  again: false,
  takenOff: [],
}));

queue.subscribe((state) => useJobs.setState(state));

/**
 * Where a picture stands as it begins. How fast the one before it in its grid went is known already; that one itself
 * stands where it will be seen until this one has something to show.
 */
export function paintingOf(running: Running, before: Painting | undefined): Painting {
  const { child, grid } = running;
  const earlier = before?.job.parent === child.parent ? before : undefined;
  return {
    job: child,
    picture: pictureIndex(running),
    pictures: grid.of,
    stage: 'encode-prompt',
    step: 0,
    of: stepsOf(child.request),
    msPerStep: earlier?.msPerStep ?? 0,
    work: earlier?.work && { ...earlier.work, left: earlier.work.whole },
  };
}

/** Of all passes. */
const stepsOf = (request: GenerationRequest): number =>
  request.steps + (request.hires ? hiresSampling(request).steps : 0);
