import type { AttachReport } from '../core/attach-report';
import type { ErrorCode, Said } from '../core/errors';
import type { Box, InputImage, Picture, Size } from '../core/image/picture';
import type { PixelUpscaler } from '../core/image/upscalers';
import type { KnownMemory } from '../core/memory-need';
import type { FileHashes } from '../core/request/file-hashes';
import type { GenerationRequest } from '../core/request/request';
import type { Walk } from '../core/request/walk';
import type { PredictionType } from '../model/layouts/facts';
import type { FileReport } from '../model/parts/part';
import type { ModelInfo } from '../model/running/model-info';
import type { DevicePreference, DeviceReport } from '../model/runtime/device';
import type { KernelChoice } from '../model/runtime/kernels/probe';
import type { OpeningTimes } from '../model/runtime/session';

/** What the page's layers may not import from the model's reaches them through here. */
export type { DevicePreference, DeviceReport, FileReport, InputImage, ModelInfo, PredictionType };

/** What the page may ask of the engine. The wire messages below are derived from it. */
export interface EngineApi {
  /** Loads a model and replaces (and frees) the one before it. */
  load(request: LoadRequest): Promise<LoadedModel>;
  /** Gives the device's memory back; the model's networks start again when they are used. */
  rest(): Promise<void>;
  /** Where a model would run, before there is one. */
  device(preference: DevicePreference): Promise<DeviceReport>;
  /** What a file of weights is; only its header is read. */
  identify(file: NamedFile): Promise<FileReport>;
  /** The weights of a file that torch wrote, as a .safetensors file made of slices of it. */
  asSafetensors(file: NamedFile): Promise<Blob>;
  /**
   * Attaches files to the model, in the place of those attached as the same before, until another model is loaded; none
   * takes them off. Adapters are refused one by one; where a VAE or a preview decoder cannot be used, the call is, and
   * the one before stays.
   * @returns what became of each file, in their order.
   */
  attach(kind: AttachKind, files: readonly NamedFile[]): Promise<readonly Attachment[]>;
  /**
   * Paints `batchCount` pictures; a picture arrives as an event as soon as it is done. From a given picture without a
   * mask they are `width` x `height` large; with one they are as large as the given picture, with its own bytes
   * wherever the (blurred) mask is 0.
   */
  generate(request: GenerationRequest, inputs?: PaintInputs): Promise<GenerationResult>;
  /**
   * Paints one picture between two seeds or two prompts, as `generate` does.
   * @param from the picture where the walk begins
   */
  walk(from: GenerationRequest, mix: Walk, inputs?: PaintInputs): Promise<GenerationResult>;
  /** Terms of the variational bound of a picture under the open model, one of pixels. */
  bound(request: BoundRequest): Promise<PictureBound>;
  /** Makes a picture larger (or smaller), tile by tile, which its events count as steps. No model need be open. */
  upscale(request: UpscaleRequest): Promise<UpscaledPicture>;
  /**
   * Ends a call, by the id that its message has: within one step, stage or tensor, or at once where it waits for its
   * turn; what was loaded stays. Resolves at once, and touches no other call.
   */
  cancel(call: number): Promise<void>;
  /** Tokens of a prompt, emphasis marks taken away, and the windows of 75 they fill: those of its longest text. */
  countTokens(prompt: string): Promise<TokenCount>;
  /**
   * Tells hashes of the open model and of what is attached, in the place of those told before: pictures that are
   * finished from now on say those of the files they used.
   */
  tellHashes(hashes: FileHashes): Promise<void>;
  /** Counters that the browser tests read: model runs, sessions created and released. */
  statistics(): Promise<EngineStatistics>;
}

export type ModelSource =
  /** Files under a base address, listed by its manifest.json; a relative address is taken from the page. */
  | { kind: 'url'; base: string }
  /** A model from the disk, a folder's files with their relative paths or one checkpoint alone: picked or dropped. */
  | { kind: 'folder'; name: string; files: readonly { path: string; file: File }[] };

/** What a picture is painted from and with, beside words. */
export interface PaintInputs extends Partial<InputImage> {
  /** The file of the network that the request enlarges with, where it names one. */
  upscaler?: NamedFile;
}

/** A file from the disk; its name is what prompts call a LoRA. */
export interface NamedFile {
  name: string;
  file: Blob;
}

/**
 * What files are attached as: LoRAs and embeddings, which prompts may name from then on; one autoencoder in the place
 * of the model's own; one (tiny) autoencoder that decodes live previews in the place of the quick estimate.
 */
export type AttachKind = 'adapter' | 'vae' | 'preview-decoder';

/** What became of a file that was to be attached. */
export type Attachment =
  | { name: string; outcome: 'attached'; report: AttachReport }
  /** It is sound, but nothing of it fits this model. Prompts that name it are refused or told so. */
  | { name: string; outcome: 'misfit'; said: Said }
  /** It cannot be used with any model. */
  | { name: string; outcome: 'refused'; code: ErrorCode; said: Said };

export interface LoadRequest {
  source: ModelSource;
  /** Address of CLIP's vocabulary, for checkpoints that come as one file without their own; relative to the page. */
  vocabulary: string;
  /** What the UNet predicts, where the person knows better than the files. */
  prediction?: PredictionType;
  device: DevicePreference;
  /** Whose kernels run on a graphics card; Easel's own where left out. */
  kernels?: KernelChoice;
  /** An autoencoder in the place of the model's own, which may then be missing. */
  vae?: NamedFile;
  /** A classifier that guides the model. */
  classifier?: NamedFile;
  /** What earlier visits found out of the device's memory. */
  memory?: KnownMemory;
}

export interface LoadedModel {
  info: ModelInfo;
  device: DeviceReport;
  loadMs: number;
}

export interface TokenCount {
  tokens: number;
  windows: number;
}

interface StageTimings {
  encodeMs: number;
  denoiseMs: number;
  decodeMs: number;
  totalMs: number;
}

export interface PaintedPicture {
  /** PNG with its settings as A1111's `parameters` text. */
  png: Blob;
  width: number;
  height: number;
  /** The request as painted: the seed resolved, batchCount 1. */
  request: GenerationRequest;
  /** The `parameters` text inside the PNG. */
  parameters: string;
  timings: StageTimings;
  /**
   * Where it belongs in the given picture, in that one's pixels; it may reach beyond it. Absent where none was given.
   */
  place?: Box;
  /** What was done otherwise than asked; absent where there is nothing to say. */
  notes?: readonly Said[];
}

/** Terms of a picture's variational bound, in bits per dimension. */
export interface PictureBound {
  /** L_t of the timesteps that were asked for, in their order. */
  terms: number[];
  /** L_T. */
  prior: number;
}

/** Which terms of a picture's bound. */
export interface BoundRequest {
  picture: Picture;
  /** The class that the model is told, where it is told one. */
  label: number;
  /** Counted from 0. */
  timesteps: readonly number[];
  /** Of the noise. */
  seed: number;
}

export interface UpscaleRequest {
  picture: Picture;
  /** A filter, or the file of a network. */
  upscaler: PixelUpscaler | NamedFile;
  to: Size;
  /** What the PNG will say, by its keywords. */
  texts: Readonly<Record<string, string>>;
}

export interface UpscaledPicture extends Size {
  png: Blob;
  totalMs: number;
  /** As of a `PaintedPicture`. */
  notes?: readonly Said[];
}

export interface GenerationResult {
  pictures: number;
  totalMs: number;
}

export interface EngineStatistics {
  sessionsCreated: number;
  sessionsReleased: number;
  unetRuns: number;
  textEncoderRuns: number;
  vaeDecoderRuns: number;
  /** Where the time went when the networks were opened, in milliseconds. */
  openings: readonly OpeningTimes[];
}

/** Small RGBA picture for the live preview. */
export interface PreviewImage {
  width: number;
  height: number;
  rgba: Uint8ClampedArray<ArrayBuffer>;
}

export type EngineEvent =
  | { type: 'download'; loadedBytes: number; totalBytes: number; file: string }
  | {
      type: 'stage';
      stage: 'read-model' | 'create-sessions' | 'encode-prompt' | 'encode-picture' | 'denoise' | 'decode' | 'upscale';
      picture: number;
      pictures: number;
      /** Which one, where the picture is painted in tiles; counts from 1. */
      tile?: { number: number; of: number };
      /** With `denoise`: what of the given picture is being painted, in that one's pixels; the previews show it. */
      place?: Box;
    }
  | {
      type: 'step';
      /** Over all passes of the picture. */
      step: number;
      of: number;
      picture: number;
      pictures: number;
      msPerStep: number;
      /** What its steps take, those that are left and all, in steps like this one; absent where all are alike. */
      work?: { left: number; whole: number };
    }
  | {
      type: 'preview';
      /** What the model believes the picture to be. */
      image: PreviewImage;
      /** What the model was given, in the coordinates that it sees. */
      noisy: PreviewImage;
      sigma: number;
      /** What the prompt said in this step. */
      text: string;
      step: number;
      picture: number;
    }
  | { type: 'picture'; picture: PaintedPicture; index: number };

type Api = keyof EngineApi;
export type ToEngine = { [M in Api]: { id: number; method: M; args: Parameters<EngineApi[M]> } }[Api];
export type ToPage =
  | { [M in Api]: { id: number; ok: true; method: M; value: Awaited<ReturnType<EngineApi[M]>> } }[Api]
  | { id: number; ok: false; error: { code: ErrorCode; said: Said; details?: string } }
  /** Events name the call they belong to. */
  | { id: number; event: EngineEvent };
