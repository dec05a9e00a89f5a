import { EaselError } from '../core/errors';
import { DEFAULT_REQUEST, type GenerationRequest } from '../core/request';
import type {
  EngineEvent,
  FileReport,
  GivenPicture,
  LoadedModel,
  LoadRequest,
  NamedFile,
  PaintedPicture,
  WalkRequest,
} from '../engine/protocol';
import type { EnginePort } from './engine-port';

type OnEvent = (event: EngineEvent) => void;

/** A call that the test answers when it wants. */
interface Pending<Request, Value> {
  request: Request;
  given?: GivenPicture;
  onEvent: OnEvent | undefined;
  resolve(value: Value): void;
  reject(error: EaselError): void;
}

/** An engine for tests of the stores: it paints nothing and answers when the test says so. */
export class FakeEngine implements EnginePort {
  readonly loads: Pending<LoadRequest, LoadedModel>[] = [];
  readonly runs: Pending<GenerationRequest, { pictures: number; totalMs: number }>[] = [];
  readonly walks: Pending<WalkRequest, { pictures: number; totalMs: number }>[] = [];
  cancels = 0;

  load(request: LoadRequest, onEvent?: OnEvent): Promise<LoadedModel> {
    return new Promise((resolve, reject) => this.loads.push({ request, onEvent, resolve, reject }));
  }

  generate(
    request: GenerationRequest,
    given: GivenPicture | undefined,
    onEvent?: OnEvent,
  ): Promise<{ pictures: number; totalMs: number }> {
    return new Promise((resolve, reject) => this.runs.push({ request, given, onEvent, resolve, reject }));
  }

  walk(request: WalkRequest, onEvent?: OnEvent): Promise<{ pictures: number; totalMs: number }> {
    return new Promise((resolve, reject) => this.walks.push({ request, onEvent, resolve, reject }));
  }

  /** The real one ends a run within a step; this one at once. */
  async cancel(): Promise<void> {
    this.cancels++;
    for (const run of [this.runs.at(-1), this.walks.at(-1)])
      run?.reject(new EaselError('aborted', 'Painting was cancelled.'));
  }

  /** What the next files are. */
  report: FileReport = { kind: 'model', family: 'sd1', predictionType: 'epsilon', predictionKnown: true, hasVae: true };

  async identify(): Promise<FileReport> {
    return this.report;
  }

  readonly adapters: string[][] = [];
  async useAdapters(files: readonly NamedFile[]): Promise<void> {
    this.adapters.push(files.map(({ name }) => name));
  }

  readonly vaes: (string | undefined)[] = [];
  async useVae(file: NamedFile | undefined): Promise<void> {
    this.vaes.push(file?.name);
  }

  readonly previewDecoders: (string | undefined)[] = [];
  async usePreviewDecoder(file: NamedFile | undefined): Promise<void> {
    this.previewDecoders.push(file?.name);
  }

  async countTokens(prompt: string): Promise<{ tokens: number; windows: number }> {
    return { tokens: prompt.length, windows: 1 };
  }

  async statistics(): ReturnType<EnginePort['statistics']> {
    return { sessionsCreated: 0, sessionsReleased: 0, unetRuns: 0, textEncoderRuns: 0, vaeDecoderRuns: 0 };
  }
}

/** A model as the engine reports it, with nothing in it that the stores do not read. */
export function fakeModel(name: string, defaults: LoadedModel['info']['defaults'] = {}): LoadedModel {
  const scheduler = { num_train_timesteps: 1000, beta_start: 0.001, beta_end: 0.01, beta_schedule: 'linear' };
  return {
    info: {
      name,
      family: 'sd1',
      predictionType: 'epsilon',
      predictionKnown: true,
      inputChannels: 4,
      toldSizes: false,
      hasVae: true,
      warnings: [],
      latentChannels: 4,
      latentScale: 8,
      mostClipSkip: 12,
      contextWidth: 8,
      scheduler,
      defaults,
    },
    device: { provider: 'wasm', precision: 'float32', name: '2 threads', threads: 2, reason: 'A test.' },
    loadMs: 1,
  };
}

/** A finished picture; its "PNG" is its seed as text, so that two seeds are two files. */
export function fakePicture(seed: number): PaintedPicture {
  return {
    png: new Blob([String(seed)], { type: 'image/png' }),
    width: 512,
    height: 512,
    request: { ...DEFAULT_REQUEST, prompt: 'a red fox', seed },
    parameters: `a red fox\nSteps: 20, Seed: ${seed}`,
    timings: { encodeMs: 1, denoiseMs: 2, decodeMs: 300, totalMs: 303 },
  };
}

/** Lets everything that is already settled take effect. */
export const settled = () => new Promise<void>((resolve) => setTimeout(resolve, 0));
