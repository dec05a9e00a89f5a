import * as v from 'valibot';
import { type FileKind, fileKinds } from '../../core/file-kinds';
import { MODEL_FIELDS, type ModelDefaults, parseFields } from '../../core/request/request';
import type { FileReport, PredictionType } from '../../engine/protocol';

/** Where the files of a thing that is known lie. */
export type Place =
  /** It comes with the page. */
  | { kind: 'bundled' }
  /** On the person's disk, by a handle that outlives the visit; leave to read it may have to be asked for again. */
  | { kind: 'disk'; handle: FileSystemFileHandle | FileSystemDirectoryHandle }
  /** A copy that Easel 0.1 made in the browser (OPFS), until the store takes it over. */
  | { kind: 'copy' }
  /** Downloaded, or taken in: a model of the store of that id. */
  | { kind: 'stored'; model: string }
  /** On the person's disk, in a browser that gives no handles: it must be dropped again on the next visit. */
  | { kind: 'dropped' };

/** What is known of a model or a LoRA before it is opened (its header's word) and after (a model's defaults). */
export type ModelFacts = Partial<Omit<Extract<FileReport, { kind: 'model' }>, 'kind' | 'asksPrediction'>> & {
  defaults?: ModelDefaults;
  /** Of a model: it paints pixels, not latents. */
  pixels?: boolean;
  /** Of a LoRA: what a prompt says to call up what it knows. */
  triggerWords?: readonly string[];
  /** Of a LoRA: what its training called it, by which prompts may name it, and the hash that it wrote into the file. */
  alias?: string;
  hash?: string;
  /** Of a LoRA: how it was made, and a picture of what it does. */
  method?: string;
  base?: string;
  network?: string;
  cover?: Blob;
};

/** What a file's header says of it; undefined for kinds of which nothing more is to be known. */
export function factsOf(report: FileReport): ModelFacts | undefined {
  switch (report.kind) {
    case 'model': {
      const { kind: _, asksPrediction: __, ...facts } = report;
      return facts;
    }
    case 'lora': {
      const { kind: _, ...facts } = report;
      return facts;
    }
    default:
      return undefined;
  }
}

/** What a person chose for a model. */
export interface ModelChoices {
  /** Id of the autoencoder that takes the place of its own. */
  vae?: string;
  /** Id of the classifier that guides it. */
  classifier?: string;
  /** What it predicts, where its file does not tell. */
  prediction?: PredictionType;
  /** Settings that it starts with in the place of its own. */
  defaults?: ModelDefaults;
}

/** A small picture that a model painted to show that it works. */
interface TestPicture {
  png: Blob;
  /** Of the whole painting, without opening the model. */
  totalMs: number;
  steps: number;
  width: number;
  height: number;
}

/** A file's SHA-256 in hex, with what tells whether it is still that file. */
interface FileHash {
  sha256: string;
  bytes: number;
  /** Milliseconds since 1970. */
  modifiedAt: number;
}

/** A model, LoRA, embedding or autoencoder that Easel knows, as it lies in IndexedDB. */
export interface LibraryRecord {
  v: 1;
  id: string;
  kind: FileKind;
  /** Of a LoRA or an embedding it is what prompts call it. */
  name: string;
  place: Place;
  bytes: number;
  /** Milliseconds since 1970. */
  usedAt: number;
  facts?: ModelFacts;
  choices?: ModelChoices;
  test?: TestPicture;
  /** As A1111 computes it (see `FileHashes`), of the file as it was. */
  hash?: FileHash;
  /** When it was removed, where it can be put back; milliseconds since 1970. */
  removedAt?: number;
}

/** Those that can take the place of a model's autoencoder. */
export const VAE_KINDS = ['vae', 'tiny-vae'] as const;

/** Two things of one kind have two names: see `withUniqueName`. */
export const recordId = (kind: FileKind, name: string) => `${kind}:${name}`;

/** `MIGRATIONS[n]` turns a record of version n into one of version n + 1. */
const MIGRATIONS: Readonly<Record<number, (value: unknown) => unknown>> = {
  0: fromRecentFolder,
};

/** Up to October 2026 only models were remembered, as recently opened folders and files without a version. */
function fromRecentFolder(value: unknown): LibraryRecord {
  const { name, handle, openedAt } = value as { name: string; handle: FileSystemFileHandle; openedAt: number };
  const shown = name.replace(/\.safetensors$/i, '');
  const place: Place = { kind: 'disk', handle };
  return { v: 1, id: recordId('model', shown), kind: 'model', name: shown, place, bytes: 0, usedAt: openedAt };
}

const Size = v.pipe(v.number(), v.finite(), v.minValue(0));
const Count = v.pipe(v.number(), v.integer(), v.minValue(1));
const Prediction = v.picklist(['epsilon', 'v_prediction', 'sample'] satisfies PredictionType[]);

const Handle = v.custom<Extract<Place, { kind: 'disk' }>['handle']>((value) => {
  const { kind, name } = Object(value) as Partial<FileSystemHandle>;
  return (kind === 'file' || kind === 'directory') && typeof name === 'string';
});

/** Up to November 2026 only the architecture's id was kept; it stands for its label until the model is opened again. */
function withArchitecture({ family, ...facts }: ModelFacts & { family?: string }): ModelFacts {
  return family === undefined ? facts : { architecture: { id: family, label: family.toUpperCase() }, ...facts };
}

const Defaults = v.pipe(
  v.record(v.string(), v.unknown()),
  v.transform((settings): ModelDefaults => parseFields(settings, MODEL_FIELDS)),
);

const RecordSchema = v.object({
  v: v.literal(1),
  id: v.string(),
  kind: v.picklist(fileKinds()),
  name: v.string(),
  place: v.variant('kind', [
    v.object({ kind: v.literal('bundled') }),
    v.object({ kind: v.literal('disk'), handle: Handle }),
    v.object({ kind: v.literal('copy') }),
    v.object({ kind: v.literal('stored'), model: v.string() }),
    v.object({ kind: v.literal('dropped') }),
  ]),
  bytes: Size,
  usedAt: Size,
  facts: v.optional(
    v.pipe(
      v.object({
        family: v.optional(v.string()),
        architecture: v.optional(v.object({ id: v.string(), label: v.string() })),
        predictionType: v.optional(Prediction),
        predictionKnown: v.optional(v.boolean()),
        hasVae: v.optional(v.boolean()),
        pixels: v.optional(v.boolean()),
        shape: v.optional(v.object({ parameters: v.object({ text: Size, unet: Size, decoder: Size }), side: Count })),
        defaults: v.optional(Defaults),
        triggerWords: v.optional(v.pipe(v.array(v.string()), v.readonly())),
        alias: v.optional(v.string()),
        hash: v.optional(v.string()),
        method: v.optional(v.string()),
        base: v.optional(v.string()),
        network: v.optional(v.string()),
        cover: v.optional(v.instance(Blob)),
      }),
      v.transform(withArchitecture),
    ),
  ),
  choices: v.optional(
    v.object({
      vae: v.optional(v.string()),
      classifier: v.optional(v.string()),
      prediction: v.optional(Prediction),
      defaults: v.optional(Defaults),
    }),
  ),
  test: v.optional(v.object({ png: v.instance(Blob), totalMs: Size, steps: Count, width: Count, height: Count })),
  hash: v.optional(v.object({ sha256: v.string(), bytes: Size, modifiedAt: Size })),
  removedAt: v.optional(Size),
}) satisfies v.GenericSchema<unknown, LibraryRecord>;

/** Lifts a stored record to the newest version; undefined for what cannot be read, such as one from a newer Easel. */
export function readLibraryRecord(value: unknown): LibraryRecord | undefined {
  try {
    let lifted = value as { v?: number };
    for (let from = lifted.v ?? 0; MIGRATIONS[from]; from++) lifted = MIGRATIONS[from](lifted) as { v: number };
    const read = v.safeParse(RecordSchema, lifted);
    return read.success ? read.output : undefined;
  } catch {
    return undefined;
  }
}
