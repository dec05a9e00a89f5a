import type { ModelDefaults } from '../core/request';
import type { FileKind, FileReport, PredictionType } from '../engine/protocol';

/** Where the files of a thing that is known lie. */
export type Place =
  /** It comes with the page. */
  | { kind: 'bundled' }
  /** On the person's disk, by a handle that outlives the visit; leave to read it may have to be asked for again. */
  | { kind: 'disk'; handle: FileSystemFileHandle | FileSystemDirectoryHandle }
  /** A copy that the browser keeps for this page (OPFS). */
  | { kind: 'copy' }
  /** On the person's disk, in a browser that gives no handles: it must be dropped again on the next visit. */
  | { kind: 'dropped' };

/** What is known of a model before it is opened (its header's word) and after (its defaults). */
export type ModelFacts = Partial<Omit<Extract<FileReport, { kind: 'model' }>, 'kind'>> & { defaults?: ModelDefaults };

/** What a person chose for a model. */
export interface ModelChoices {
  /** Id of the autoencoder that takes the place of its own. */
  vae?: string;
  /** What it predicts, where its file does not tell. */
  prediction?: PredictionType;
}

/** A small picture that a model painted to show that it works. */
export interface TestPicture {
  png: Blob;
  /** Of the whole painting, without opening the model. */
  totalMs: number;
  steps: number;
  width: number;
  height: number;
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
}

/** Two things of one kind have two names: see `namedApart`. */
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

const KINDS: readonly string[] = ['model', 'lora', 'embedding', 'vae', 'tiny-vae', 'tiny-decoder'] satisfies FileKind[];
const PLACES: readonly string[] = ['bundled', 'disk', 'copy', 'dropped'] satisfies Place['kind'][];

/** Lifts a stored record to the newest version; undefined for what cannot be read, such as one from a newer Easel. */
export function readLibraryRecord(value: unknown): LibraryRecord | undefined {
  try {
    let lifted = value as { v?: number };
    for (let v = lifted.v ?? 0; MIGRATIONS[v]; v++) lifted = MIGRATIONS[v](lifted) as { v: number };
    const record = lifted as LibraryRecord;
    const isWhole =
      typeof record.id === 'string' && typeof record.name === 'string' && PLACES.includes(record.place.kind);
    return record.v === 1 && isWhole && KINDS.includes(record.kind) ? record : undefined;
  } catch {
    return undefined;
  }
}
