import * as v from 'valibot';
import { isSaid, type Said, said } from '../../core/errors';
import type { RemoteFile } from '../download/download-file';
import { diskTrouble, LibraryError, type Trouble } from '../trouble';
import type { StorageDirectory } from './directory';
import { isSideOf, readRecord, writeRecord } from './record';

/** A whole file of a model; its bytes lie in the blob of that hash. */
export interface ModelFile {
  path: string;
  sha256: string;
  bytes: number;
}

/** A model, LoRA, embedding or autoencoder that is kept on the device. */
export interface StoredModel {
  id: string;
  name: string;
  /** A file's kind as the engine names it, such as `lora`. */
  kind: string;
  files: readonly ModelFile[];
  /** Where it came from, to be fetched again where it is damaged. */
  origin?: Origin;
  /** Milliseconds since 1970. */
  addedAt: number;
  usedAt: number;
  /** Removed by the person; there until its space is needed. */
  removedAt?: number;
}

/** Where files come from, without any key. */
interface Origin {
  /** The page that tells people about it. */
  page: string;
  licence?: string;
  files: readonly RemoteFile[];
}

/** What somebody wants to be downloaded. */
export interface DownloadRequest {
  id: string;
  name: string;
  kind: string;
  origin: Origin;
}

/** A download that is not done. */
export interface KeptDownload extends DownloadRequest {
  state: 'queued' | 'paused' | 'failed';
  problem?: { trouble: Trouble; message: string; said?: Said };
  /** By path: the file that it is written to, or the whole file. */
  parts: Readonly<Record<string, { file: string } | { whole: ModelFile }>>;
}

/** Everything that is kept, in one record: what is not in it does not exist, whatever lies on the disk. */
export interface Manifest {
  v: 1;
  models: readonly StoredModel[];
  /** Whole files by their SHA-256, each once. */
  blobs: Readonly<Record<string, { file: string; bytes: number }>>;
  downloads: readonly KeptDownload[];
}

const Size = v.pipe(v.number(), v.integer(), v.minValue(0));
const Time = v.pipe(v.number(), v.finite());
const Sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
const FileSchema = v.object({ path: v.string(), sha256: Sha256, bytes: Size });
const OriginSchema = v.object({
  page: v.string(),
  licence: v.optional(v.string()),
  files: v.array(
    v.object({
      path: v.string(),
      url: v.pipe(v.string(), v.url()),
      bytes: v.optional(Size),
      sha256: v.optional(Sha256),
    }),
  ),
});
const ManifestSchema = v.object({
  v: v.literal(1),
  models: v.array(
    v.object({
      id: v.string(),
      name: v.string(),
      kind: v.string(),
      files: v.array(FileSchema),
      origin: v.optional(OriginSchema),
      addedAt: Time,
      usedAt: Time,
      removedAt: v.optional(Time),
    }),
  ),
  blobs: v.record(Sha256, v.object({ file: v.string(), bytes: Size })),
  downloads: v.array(
    v.object({
      id: v.string(),
      name: v.string(),
      kind: v.string(),
      origin: OriginSchema,
      state: v.picklist(['queued', 'paused', 'failed']),
      problem: v.optional(
        v.object({
          trouble: v.string() as v.GenericSchema<Trouble>,
          message: v.string(),
          said: v.optional(v.custom<Said>(isSaid)),
        }),
      ),
      parts: v.record(v.string(), v.union([v.object({ file: v.string() }), v.object({ whole: FileSchema })])),
    }),
  ),
}) satisfies v.GenericSchema<unknown, Manifest>;

const EMPTY: Manifest = { v: 1, models: [], blobs: {}, downloads: [] };

/** As `navigator.locks` has them, across all tabs. */
export interface Locks {
  request<T>(
    name: string,
    options: { mode?: 'exclusive' | 'shared'; ifAvailable?: boolean; signal?: AbortSignal },
    work: (lock: unknown) => Promise<T>,
  ): Promise<T>;
}

const NAME = 'manifest';

/** The one record of what is kept, shared by all tabs. */
export class ManifestFile {
  constructor(
    readonly directory: StorageDirectory,
    readonly locks: Locks,
  ) {}

  /** @throws LibraryError `disk` where a newer Easel has written it */
  async read(): Promise<Manifest> {
    const value = await readRecord(this.directory, NAME);
    if (value === undefined) return EMPTY;
    const read = v.safeParse(ManifestSchema, value);
    if (read.success) return read.output;
    throw new LibraryError(
      'disk',
      said`The list of models kept in this browser is a newer Easel’s, or damaged. Reload the page to get the newest Easel.`,
    );
  }

  /** Changes it while no other tab does. Nothing is written where the change gives back what it was given. */
  update(change: (manifest: Manifest) => Manifest): Promise<Manifest> {
    return this.locks.request('easel.models', {}, async () => {
      const before = await this.read();
      const after = change(before);
      if (after === before) return before;
      try {
        await writeRecord(this.directory, NAME, after);
      } catch (thrown) {
        throw diskTrouble(said`the list of models`, thrown);
      }
      return after;
    });
  }

  isOwn(file: string): boolean {
    return isSideOf(NAME, file);
  }
}

/** Hashes that a model in the list, removed or not, or a download speaks of. */
function hashesInUse({ models, downloads }: Pick<Manifest, 'models' | 'downloads'>): Set<string> {
  const ofDownloads = downloads.flatMap(({ parts }) =>
    Object.values(parts).flatMap((part) => ('whole' in part ? [part.whole.sha256] : [])),
  );
  return new Set([...models.flatMap(({ files }) => files.map(({ sha256 }) => sha256)), ...ofDownloads]);
}

/** The manifest without the blobs that nothing speaks of. */
export function withoutUnused(manifest: Manifest): Manifest {
  const used = hashesInUse(manifest);
  return { ...manifest, blobs: Object.fromEntries(Object.entries(manifest.blobs).filter(([hash]) => used.has(hash))) };
}
