import * as v from 'valibot';
import { ERROR_CODES, type ErrorCode, isSaid, type Said } from '../core/errors';
import type { Joined } from './download/join-file';
import type { EarlierCopy } from './files/earlier-copies';
import type { ImportedModel } from './files/model-store';
import type { SiteKeys } from './sources/site-keys';

/** What the page has the worker do with models on this device, each with what comes of it. */
export interface LibraryApi {
  /** Hashes a model's files. Paths of those that are not what they were. */
  check(model: string): readonly string[];
  /** Copies files in. */
  import(model: ImportedModel): null;
  /** The SHA-256 of a file, or of what follows its header, in hex. */
  hash(wanted: { file: Blob; skipsHeader: boolean }): string;
  /** Gives a file to the download that waits for it. */
  join(file: { name: string; file: Blob }): Joined;
  /** Takes in the copies that Easel 0.1 keeps. The ids of those that are in. */
  takeOver(copies: readonly EarlierCopy[]): readonly string[];
}

export type LibraryMethod = keyof LibraryApi;

export type ToLibrary =
  | { kind: 'keys'; keys: SiteKeys }
  | {
      [M in LibraryMethod]: { kind: 'call'; id: number; method: M; argument: Parameters<LibraryApi[M]>[0] };
    }[LibraryMethod]
  | { kind: 'cancel'; id: number };

export type FromLibrary =
  | { kind: 'progress'; id: number; done: number; bytes: number }
  | { kind: 'done'; id: number; value: unknown }
  | { kind: 'failed'; id: number; code: ErrorCode; said: Said };

const Id = v.pipe(v.number(), v.integer());
const FileSchema = v.object({ path: v.string(), file: v.instance(Blob) });
const Copy = v.object({ id: v.string(), name: v.string(), kind: v.string() });
const call = <M extends LibraryMethod, T extends v.GenericSchema>(method: M, argument: T) =>
  v.object({ kind: v.literal('call'), id: Id, method: v.literal(method), argument });

const ToLibrarySchema = v.union([
  v.object({
    kind: v.literal('keys'),
    keys: v.object({ 'huggingface.co': v.optional(v.string()), 'civitai.com': v.optional(v.string()) }),
  }),
  v.object({ kind: v.literal('cancel'), id: Id }),
  call('check', v.string()),
  call('import', v.object({ ...Copy.entries, files: v.array(FileSchema) })),
  call('hash', v.object({ file: v.instance(Blob), skipsHeader: v.boolean() })),
  call('join', v.object({ name: v.string(), file: v.instance(Blob) })),
  call('takeOver', v.array(Copy)),
]) satisfies v.GenericSchema<unknown, ToLibrary>;

const Bytes = v.pipe(v.number(), v.minValue(0));
const FromLibrarySchema = v.variant('kind', [
  v.object({ kind: v.literal('progress'), id: Id, done: Bytes, bytes: Bytes }),
  v.object({ kind: v.literal('done'), id: Id, value: v.unknown() }),
  v.object({ kind: v.literal('failed'), id: Id, code: v.picklist(ERROR_CODES), said: v.custom<Said>(isSaid) }),
]) satisfies v.GenericSchema<unknown, FromLibrary>;

/** Reads a message to the worker; undefined for what is none. */
export function readCall(data: unknown): ToLibrary | undefined {
  const read = v.safeParse(ToLibrarySchema, data);
  return read.success ? read.output : undefined;
}

/** Reads a message from the worker; undefined for what is none. */
export function readAnswer(data: unknown): FromLibrary | undefined {
  const read = v.safeParse(FromLibrarySchema, data);
  return read.success ? read.output : undefined;
}
