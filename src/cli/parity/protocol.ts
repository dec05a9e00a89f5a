import type { ErrorCode } from '../../core/errors';
import type { KernelReport } from '../../model/runtime/device';
import type { KernelChoice } from '../../model/runtime/kernels/probe';
import type { ParityEvent } from './tree';

/** What WebGPU offers in a browser. */
export interface AdapterReport {
  software: boolean;
  /** Everything the adapter says of itself. */
  description: string;
}

/** What one session asked of its GPUDevice. */
export interface CountedWork {
  dispatches: number;
}

/** Which of onnxruntime's builds a browser runs (model/runtime/ort.ts). */
export type OrtBuild = 'jspi' | 'asyncify';

/** How a run ended. */
export type Outcome =
  | { kind: 'done'; build: OrtBuild; sessions: readonly CountedWork[]; kernels?: KernelReport }
  | { kind: 'failed'; code: ErrorCode; message: string };

/** What is compared: a folder, its files served at an address, or the layers one by one and some of drawn sizes. */
export type Subject = { kind: 'folder'; at: string } | { kind: 'layers'; drawn: number };

/** What the page offers as `parity` on its global object; all of it is plain data. */
export interface ParityPage {
  adapter(): Promise<AdapterReport | undefined>;
  compare(subject: Subject, only: string, kernels: KernelChoice): Promise<Outcome>;
}

/** What Node offers the page as `tellParity`: it hears every event, in order. */
export type TellParity = (event: ParityEvent) => Promise<void>;
