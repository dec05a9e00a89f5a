import * as v from 'valibot';
import { ERROR_CODES, isSaid, type Said } from '../core/errors';
import { FILE_KINDS, type FileKind } from '../core/file-kinds';
import { MEMORY_PLANS } from '../core/memory-need';
import type { GenerationRequest } from '../core/request/request';
import type { EngineMethod } from './methods';
import type {
  Attachment,
  DeviceReport,
  EngineApi,
  EngineEvent,
  EngineStatistics,
  FileReport,
  LoadedModel,
  ModelInfo,
  PaintedPicture,
  PictureBound,
  PreviewImage,
  UpscaledPicture,
} from './protocol';

// What the page is told by the engine. Values are looked at and go on as they are: pictures are not copied.

/** An object of which these entries are looked at; the others are the engine's own business with the model's code. */
const having = <T extends object>(entries: { [K in keyof T]?: v.GenericSchema<unknown, T[K]> }) => {
  const shape = v.looseObject(entries as v.ObjectEntries);
  return v.custom<T>((value) => v.is(shape, value));
};

const strings = v.array(v.string());
const SaidSchema = v.custom<Said>(isSaid);
const sentences = v.array(SaidSchema);
const BoxSchema = v.object({ x: v.number(), y: v.number(), width: v.number(), height: v.number() });
const ArchitectureSchema = v.object({ id: v.string(), label: v.string() });
const PredictionSchema = v.picklist(['epsilon', 'v_prediction', 'sample']);

const PreviewSchema = v.object({
  width: v.number(),
  height: v.number(),
  rgba: v.custom<PreviewImage['rgba']>((value) => value instanceof Uint8ClampedArray),
}) satisfies v.GenericSchema<unknown, PreviewImage>;

const PictureSchema = v.object({
  png: v.instance(Blob),
  width: v.number(),
  height: v.number(),
  // The page's own, with the seed that was drawn.
  request: having<GenerationRequest>({ prompt: v.string(), seed: v.number(), width: v.number(), height: v.number() }),
  parameters: v.string(),
  timings: v.object({ encodeMs: v.number(), denoiseMs: v.number(), decodeMs: v.number(), totalMs: v.number() }),
  place: v.optional(BoxSchema),
  notes: v.optional(sentences),
}) satisfies v.GenericSchema<unknown, PaintedPicture>;

const STAGES = [
  'read-model',
  'create-sessions',
  'encode-prompt',
  'encode-picture',
  'denoise',
  'decode',
  'upscale',
] as const;

export const EventSchema = v.variant('type', [
  v.object({ type: v.literal('download'), loadedBytes: v.number(), totalBytes: v.number(), file: v.string() }),
  v.object({
    type: v.literal('stage'),
    stage: v.picklist(STAGES),
    picture: v.number(),
    pictures: v.number(),
    place: v.optional(BoxSchema),
    tile: v.optional(v.object({ number: v.number(), of: v.number() })),
  }),
  v.object({
    type: v.literal('step'),
    step: v.number(),
    of: v.number(),
    picture: v.number(),
    pictures: v.number(),
    msPerStep: v.number(),
    work: v.optional(v.object({ left: v.number(), whole: v.number() })),
  }),
  v.object({
    type: v.literal('preview'),
    image: PreviewSchema,
    noisy: PreviewSchema,
    sigma: v.number(),
    text: v.string(),
    step: v.number(),
    picture: v.number(),
  }),
  v.object({ type: v.literal('picture'), picture: PictureSchema, index: v.number() }),
]) satisfies v.GenericSchema<unknown, EngineEvent>;

const InfoSchema = having<ModelInfo>({
  name: v.string(),
  architecture: ArchitectureSchema,
  predictionType: PredictionSchema,
  predictionKnown: v.boolean(),
  inputChannels: v.number(),
  hasVae: v.boolean(),
  warnings: sentences,
  latentSpace: v.string(),
  latentChannels: v.number(),
  latentScale: v.number(),
  scheduler: v.custom<ModelInfo['scheduler']>((value) => v.is(v.looseObject({}), value)),
  defaults: v.custom<ModelInfo['defaults']>((value) => v.is(v.looseObject({}), value)),
});

const ReportSchema = having<DeviceReport>({
  provider: v.picklist(['webgpu', 'wasm']),
  precision: v.picklist(['float16', 'float32']),
  name: v.string(),
  threads: v.number(),
  reason: SaidSchema,
  plan: v.optional(v.picklist(MEMORY_PLANS)),
});

const LoadedSchema = v.object({
  info: InfoSchema,
  device: ReportSchema,
  loadMs: v.number(),
}) satisfies v.GenericSchema<unknown, LoadedModel>;

const KINDS = Object.keys(FILE_KINDS) as FileKind[];

const FileReportSchema = v.union([
  v.object({
    kind: v.literal('model'),
    architecture: ArchitectureSchema,
    predictionType: PredictionSchema,
    predictionKnown: v.boolean(),
    asksPrediction: v.optional(v.literal(true)),
    hasVae: v.boolean(),
    shape: v.object({
      parameters: v.object({ text: v.number(), unet: v.number(), decoder: v.number() }),
      side: v.number(),
    }),
  }),
  v.object({ kind: v.literal('embedding'), word: v.string() }),
  v.object({
    kind: v.literal('lora'),
    architecture: v.optional(ArchitectureSchema),
    triggerWords: strings,
    alias: v.optional(v.string()),
    hash: v.optional(v.string()),
    method: v.optional(v.string()),
    base: v.optional(v.string()),
    network: v.optional(v.string()),
    cover: v.optional(v.instance(Blob)),
  }),
  v.object({
    kind: v.picklist(KINDS.filter((kind) => kind !== 'model' && kind !== 'embedding' && kind !== 'lora')),
  }),
]) satisfies v.GenericSchema<unknown, FileReport>;

const AttachmentSchema = v.variant('outcome', [
  v.object({
    name: v.string(),
    outcome: v.literal('attached'),
    report: v.object({
      name: v.string(),
      used: v.number(),
      unmatched: v.array(v.union([v.string(), v.number(), SaidSchema])),
    }),
  }),
  v.object({ name: v.string(), outcome: v.literal('misfit'), said: SaidSchema }),
  v.object({
    name: v.string(),
    outcome: v.literal('refused'),
    code: v.picklist(ERROR_CODES),
    said: SaidSchema,
  }),
]) satisfies v.GenericSchema<unknown, Attachment>;

const PaintedSchema = v.object({ pictures: v.number(), totalMs: v.number() });

const UpscaledSchema = v.object({
  png: v.instance(Blob),
  width: v.number(),
  height: v.number(),
  totalMs: v.number(),
  notes: v.optional(sentences),
}) satisfies v.GenericSchema<unknown, UpscaledPicture>;

const StatisticsSchema = v.object({
  sessionsCreated: v.number(),
  sessionsReleased: v.number(),
  unetRuns: v.number(),
  textEncoderRuns: v.number(),
  vaeDecoderRuns: v.number(),
  openings: v.array(
    v.object({
      network: v.string(),
      began: v.number(),
      graph: v.number(),
      convert: v.number(),
      waited: v.number(),
      upload: v.number(),
      finish: v.number(),
    }),
  ),
}) satisfies v.GenericSchema<unknown, EngineStatistics>;

const BoundSchema = v.object({ terms: v.array(v.number()), prior: v.number() }) satisfies v.GenericSchema<
  unknown,
  PictureBound
>;

/** What each call gives. */
export const ANSWERS = {
  load: LoadedSchema,
  rest: v.undefined(),
  device: ReportSchema,
  identify: FileReportSchema,
  asSafetensors: v.instance(Blob),
  attach: v.array(AttachmentSchema),
  generate: PaintedSchema,
  walk: PaintedSchema,
  bound: BoundSchema,
  upscale: UpscaledSchema,
  cancel: v.undefined(),
  countTokens: v.object({ tokens: v.number(), windows: v.number() }),
  tellHashes: v.undefined(),
  statistics: StatisticsSchema,
} satisfies { [M in EngineMethod | 'cancel']: v.GenericSchema<unknown, Awaited<ReturnType<EngineApi[M]>>> };
