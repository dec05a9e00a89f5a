import * as v from 'valibot';
import { ERROR_CODES, isSaid, type Said } from '../../core/errors';
import type { Picture } from '../../core/image/picture';
import { AXIS_IDS } from '../../core/request/axes';
import { FIELDS, type FieldName, fieldError } from '../../core/request/fields';
import type { GenerationRequest } from '../../core/request/request';
import type { ReadSettings } from '../../core/request/said-settings';
import { type CanvasDocument, LAYER_CHANNELS, type LayerId } from '../../editor/document/document';
import { BoxSchema, tileSchema } from '../../editor/document/saved';
import type { decodePicture } from './decode-picture';
import type { ReadCanvas, readCanvas } from './read-canvas';
import type { readSettings } from './read-settings';

// What the page and the readers' worker say to each other. Each worker is asked once.

/** What the worker can be asked for; each of them can be called without it. */
export interface Readers {
  decodePicture: typeof decodePicture;
  readCanvas: typeof readCanvas;
  readSettings: typeof readSettings;
}

const file = v.instance(Blob);
const named = v.tuple([file, v.string()]);

export const QuestionSchema = v.variant('reader', [
  v.object({ reader: v.literal('decodePicture'), args: named }),
  v.object({ reader: v.literal('readCanvas'), args: named }),
  v.object({ reader: v.literal('readSettings'), args: v.tuple([file]) }),
]);

/** What the reader gave is its own schema's to check. */
export const AnswerSchema = v.variant('ok', [
  v.object({ ok: v.literal(true), value: v.optional(v.unknown()) }),
  v.object({ ok: v.literal(false), error: v.object({ code: v.picklist(ERROR_CODES), said: v.custom<Said>(isSaid) }) }),
]);
export type Answer = v.InferOutput<typeof AnswerSchema>;

const Side = v.pipe(v.number(), v.integer(), v.minValue(1));

const PictureSchema = v.pipe(
  v.object({
    width: Side,
    height: Side,
    data: v.custom<Picture['data']>((data) => data instanceof Uint8ClampedArray),
  }),
  v.check(({ width, height, data }) => data.length === 4 * width * height),
);

const layer = <Id extends LayerId>(id: Id) =>
  v.object({ channels: v.literal(LAYER_CHANNELS[id]), tiles: v.map(v.number(), tileSchema(id)) });

/** A schema for each field, optional ones too: one that it does not name would be lost on the way. */
type Entries<T> = Record<keyof T, v.GenericSchema>;

const DocumentSchema = v.object({
  canvas: BoxSchema,
  frame: BoxSchema,
  picture: layer('picture'),
  sketch: layer('sketch'),
  mask: layer('mask'),
} satisfies Entries<CanvasDocument>);

const CanvasSchema = v.object({
  document: DocumentSchema,
  masked: v.optional(DocumentSchema),
  animated: v.boolean(),
} satisfies Entries<ReadCanvas>);

/** Field by field, since those of a file may clash, which the form then says. */
const isPartOfRequest = (value: unknown) =>
  typeof value === 'object' &&
  value !== null &&
  Object.entries(value).every(
    ([name, set]) =>
      Object.hasOwn(FIELDS, name) && (set === undefined || fieldError(name as FieldName, set) === undefined),
  );

const NamedHashes = v.optional(v.array(v.tuple([v.string(), v.string()])));

const SettingsSchema = v.object({
  request: v.custom<Partial<GenerationRequest>>(isPartOfRequest),
  ignored: v.array(v.string()),
  notes: v.optional(v.array(v.custom<Said>(isSaid))),
  model: v.optional(v.string()),
  modelHash: v.optional(v.string()),
  vae: v.optional(v.string()),
  vaeHash: v.optional(v.string()),
  loraHashes: NamedHashes,
  embeddingHashes: NamedHashes,
  plot: v.optional(v.array(v.object({ id: v.picklist(AXIS_IDS), text: v.string() }))),
} satisfies Entries<ReadSettings>);

export const VALUES: { [R in keyof Readers]: v.GenericSchema<unknown, Awaited<ReturnType<Readers[R]>>> } = {
  decodePicture: PictureSchema,
  readCanvas: CanvasSchema,
  readSettings: v.optional(SettingsSchema),
};
