import { create } from 'zustand';
import type { EaselError, ErrorCode } from '../core/errors';
import type { KnownMemory } from '../core/memory-need';
import type { ModelDefaults } from '../core/request/request';
import type { EngineEvent, LoadedModel, LoadRequest } from '../engine/protocol';
import type { Grid } from '../jobs/grid';
import { errorText } from '../texts/errors';

export type {
  DevicePreference,
  DeviceReport,
  ModelInfo,
  PredictionType,
  PreviewImage,
} from '../engine/protocol';

export type Stage = Extract<EngineEvent, { type: 'stage' }>['stage'];

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
  /** Until all bytes are there, as fast as they come now; undefined while nothing tells. */
  leftMs?: number;
  /** Nothing was heard of it for long. */
  silent: boolean;
}

export type EngineStatus =
  /** The worker is there, no model was asked for yet. */
  | { kind: 'starting' }
  /** `stop` ends it, as it does what is painted. */
  | { kind: 'loading'; loading: Loading; stop: AbortController }
  | { kind: 'ready' }
  /** What it paints, the jobs know. */
  | { kind: 'painting'; stop: AbortController }
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
  /** How far it was. */
  stage?: Stage | 'download';
  /** What was being painted, the picture that failed first. */
  grid?: Grid;
  details: string;
}

/** A model and how it is to be opened, which is also how it is opened again after a failure. */
export interface WantedModel extends Pick<LoadRequest, 'source' | 'prediction' | 'vae' | 'classifier'> {
  /** Of its record in the library. */
  id: string;
  /** Settings that the person has it start with, over its own. */
  ownDefaults?: ModelDefaults;
}

export interface OpenModel extends LoadedModel, WantedModel {
  /** What was known of the device's memory when it was opened. */
  memory?: KnownMemory;
}

export interface EngineState {
  status: EngineStatus;
  model: OpenModel | undefined;
  /** Models asked for and not yet loaded or refused; nothing is painted meanwhile. */
  opening: number;
  problem: Problem | undefined;
  /** Why the engine that held the model is gone. Nothing is painted until a model is loaded, and the queue waits. */
  stopped: EaselError | undefined;
}

export const useEngine = create<EngineState>(() => ({
  status: { kind: 'starting' },
  model: undefined,
  opening: 0,
  problem: undefined,
  stopped: undefined,
}));

export function dismissProblem(): void {
  useEngine.setState({ problem: undefined });
}

/** Shows a failure with everything worth copying into a report. */
export function reportProblem(
  error: EaselError,
  during: Problem['during'],
  subject: string,
  about: Pick<Problem, 'wanted' | 'stage' | 'grid'> = {},
): void {
  const { model } = useEngine.getState();
  const details = [
    `${error.code}: ${error.message}`,
    ...(error.details === undefined ? [] : [error.details]),
    `during: ${during} (${subject})`,
    `model: ${model?.info.name ?? 'none'}`,
    `device: ${model ? `${model.device.provider} ${model.device.precision} ${model.device.name}` : 'none'}`,
    `stack: ${error.stack ?? 'none'}`,
  ].join('\n');
  useEngine.setState({ problem: { code: error.code, message: errorText(error), during, subject, ...about, details } });
}

/** Whether the lost graphics device is being replaced. */
export function isRecovering({ status }: EngineState): boolean {
  return status.kind === 'loading' && status.loading.recovering;
}
