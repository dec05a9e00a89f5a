import type { GenerationRequest } from '../core/request/request';
import type { Walk } from '../core/request/walk';
import type { PaintingModel } from '../model/running/painting-model';
import type { RunningUpscaler } from '../model/running/running-upscaler';
import type { LatentSize } from './latent-size';
import type { Progress } from './progress';
import type { TextCache } from './text-cache';

/** One picture on its way: what every stage works with. */
export interface PaintRun {
  model: PaintingModel;
  /** Its seed is resolved. */
  request: GenerationRequest;
  /** Where it stands between the request's seed or prompt and another one. */
  walk: Walk | undefined;
  /** The network that the request enlarges with, where it names one. */
  upscaler?: RunningUpscaler;
  /** Of the latent. */
  size: LatentSize;
  texts: TextCache;
  progress: Progress;
  /** Where this is one of several passes over a picture: what comes before and after it. */
  passes?: Passes;
}

/** The passes before and after one, as far as it must know. */
export interface Passes {
  /** Calls of the model before, as A1111 counts them: prompt editing goes on from there. */
  callsBefore?: number;
  /** Steps before and after; `cost` is what one of them takes, in steps of this pass. */
  before: { steps: number; cost: number };
  after: { steps: number; cost: number };
}
