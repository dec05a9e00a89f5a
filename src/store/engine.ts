import { create } from 'zustand';
import type { EaselError, ErrorCode } from '../core/errors';
import type { Box } from '../core/image/picture';
import type { GenerationRequest } from '../core/request/request';
import type { WalkEnd } from '../core/request/walk';
import type { EngineEvent, GivenPicture, LoadedModel, LoadRequest, PreviewImage } from '../engine/protocol';

export type {
  DevicePreference,
  DeviceReport,
  ModelInfo,
  PredictionType,
  PreviewImage,
} from '../engine/protocol';

type Stage = Extract<EngineEvent, { type: 'stage' }>['stage'];

/** A run in progress. */
export interface Painting {
  request: GenerationRequest;
  job: Job;
  stage: Stage;
  /** Steps done of the current picture; counts from 0. */
  step: number;
  of: number;
  picture: number;
  pictures: number;
  msPerStep: number;
  preview?: PreviewImage;
  /** What of a given picture the preview shows, in that one's pixels; all of it without. */
  place?: Box;
  /** The person asked for it to end; it does within a step. */
  cancelling: boolean;
  /** What cancelling took off the queue; it comes back where the engine itself had to be ended. */
  takenOff: readonly QueuedRequest[];
}

export interface Loading {
  /** Of its record in the library. */
  id: string;
  /** What is being opened, by name. */
  name: string;
  /** The graphics device was lost, and the model is loaded again by itself. */
  recovering: boolean;
  stage: Stage | 'download';
  loadedBytes: number;
  /** 0 until it is known. */
  totalBytes: number;
  /** Nothing was heard of it for long. */
  silent: boolean;
}

export type EngineStatus =
  /** The worker is there, no model was asked for yet. */
  | { kind: 'starting' }
  /** `stop` ends it, as it does a painting. */
  | { kind: 'loading'; loading: Loading; stop: AbortController }
  | { kind: 'ready' }
  | { kind: 'painting'; painting: Painting; stop: AbortController }
  /** No model could be loaded. */
  | { kind: 'empty' };

/** A failure, where it happened and with what it takes to report it. */
export interface Problem {
  code: ErrorCode;
  message: string;
  during: 'load' | 'paint';
  /** The model or prompt it happened with. */
  subject: string;
  /** The model that was to be opened, where that failed. */
  wanted?: WantedModel;
  details: string;
}

/** A model and how it is to be opened, which is also how it is opened again after a failure. */
export interface WantedModel extends Pick<LoadRequest, 'source' | 'prediction' | 'vae'> {
  /** Of its record in the library. */
  id: string;
}

export interface OpenModel extends LoadedModel, WantedModel {}

/** What a request paints, and where its pictures go. */
export type Job =
  /** Pictures of the words alone, to the results. */
  | { kind: 'words' }
  /** Pictures from the request to another seed or prompt, to the lab. */
  | { kind: 'walk'; to: WalkEnd; pictures: number }
  /** One small picture that shows whether the model works, to the library. */
  | { kind: 'test'; model: string }
  /**
   * Pictures for a place on the canvas, offered there and kept with the results; from words alone where nothing is
   * there yet.
   */
  | { kind: 'canvas'; box: Box; given?: GivenPicture };

export interface QueuedRequest {
  id: number;
  request: GenerationRequest;
  job: Job;
}

export interface EngineState {
  status: EngineStatus;
  model: OpenModel | undefined;
  queue: readonly QueuedRequest[];
  /** Models asked for and not yet loaded or refused; nothing is painted meanwhile. */
  opening: number;
  problem: Problem | undefined;
  /** Why the engine that held the model is gone. Nothing is painted until a model is loaded, and the queue waits. */
  stopped: EaselError | undefined;
  /**
   * A run that failed on its way: its last preview stays on the stage until the failure is dismissed or another run
   * begins.
   */
  interrupted: Painting | undefined;
  /** What decoding took last time, for the time left. */
  decodeMs: number;
}

export const useEngine = create<EngineState>(() => ({
  status: { kind: 'starting' },
  model: undefined,
  queue: [],
  opening: 0,
  problem: undefined,
  stopped: undefined,
  interrupted: undefined,
  decodeMs: 0,
}));

export function dismissProblem(): void {
  useEngine.setState({ problem: undefined, interrupted: undefined });
}

/** Shows a failure with everything worth copying into a report. */
export function reportProblem(
  error: EaselError,
  during: Problem['during'],
  subject: string,
  wanted?: WantedModel,
): void {
  const { model } = useEngine.getState();
  const details = [
    `${error.code}: ${error.message}`,
    `during: ${during} (${subject})`,
    `model: ${model?.info.name ?? 'none'}`,
    `device: ${model ? `${model.device.provider} ${model.device.precision} ${model.device.name}` : 'none'}`,
    `stack: ${error.stack ?? 'none'}`,
  ].join('\n');
  useEngine.setState({ problem: { code: error.code, message: error.message, during, subject, wanted, details } });
}

/** The painting of the moment, if there is one. */
export function paintingOf(status: EngineStatus): Painting | undefined {
  return status.kind === 'painting' ? status.painting : undefined;
}

/** Whether the lost graphics device is being replaced. */
export function isRecovering({ status }: EngineState): boolean {
  return status.kind === 'loading' && status.loading.recovering;
}
