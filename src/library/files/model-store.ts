import { EaselError, type SaidValue, said } from '../../core/errors';
import type { ModelFiles } from '../../model/weights/model-files';
import { OrderedHash, sha256OfBlob } from '../download/ordered-hash';
import { diskTrouble, LibraryError } from '../trouble';
import type { StorageDirectory } from './directory';
import { type Locks, type Manifest, ManifestFile, type ModelFile, type StoredModel, withoutUnused } from './manifest';
import { isSideOf } from './record';
import { type StoreUsage, usageOf } from './usage';

/** What the browser says of the space for this page, in bytes. */
type Estimate = () => Promise<{ usage?: number; quota?: number }>;

export interface StorePorts {
  directory: StorageDirectory;
  locks: Locks;
  estimate: Estimate;
  now(): number;
  /** A file name that no other file has. */
  newName(): string;
}

/** A model, and how it stands. */
export interface ListedModel extends StoredModel {
  bytes: number;
  /** Of these, what no other model has. */
  ownBytes: number;
  /** Paths of files that are no longer there or were found damaged. */
  missing: readonly string[];
}

/** A model's files, which stay on the disk until they are let go. */
export interface OpenModel {
  files: ModelFiles;
  /** The same as Blobs, for a worker or a file on the person's disk. */
  blobs: readonly { path: string; file: Blob }[];
  release(): void;
}

/** Told how many bytes of all are done. */
export type OnBytes = (done: number, bytes: number) => void;

/** A file that is on the disk, and not in the manifest yet. */
export interface WrittenFile extends ModelFile {
  /** Its name on the disk. */
  file: string;
}

export interface ImportedModel {
  id: string;
  name: string;
  kind: string;
  files: readonly { path: string; file: Blob }[];
}

const COPY_BYTES = 4 * 2 ** 20;
/** No tab reads or writes a model's files for long without this one, shared. */
const lockOfUse = (id: string) => `easel.model.${id}`;
/** Files that the manifest does not know yet are written under this one, shared. */
const WRITING = 'easel.models.writing';

/** Models on this device: blobs by their hash, and a manifest that says what belongs to what. */
export class ModelStore {
  readonly manifest: ManifestFile;

  constructor(readonly ports: StorePorts) {
    this.manifest = new ManifestFile(ports.directory, ports.locks);
  }

  /** What is there; with those that were removed and can be put back where `removed` is said. */
  async list({ removed = false } = {}): Promise<readonly ListedModel[]> {
    const manifest = await this.manifest.read();
    const users = new Map<string, number>();
    for (const { files } of manifest.models)
      for (const { sha256 } of files) users.set(sha256, (users.get(sha256) ?? 0) + 1);
    const sum = (files: readonly ModelFile[]) => files.reduce((bytes, file) => bytes + file.bytes, 0);
    return manifest.models
      .filter(({ removedAt }) => removed || removedAt === undefined)
      .map((model) => ({
        ...model,
        bytes: sum(model.files),
        ownBytes: sum(model.files.filter(({ sha256 }) => users.get(sha256) === 1)),
        missing: model.files.filter(({ sha256 }) => !manifest.blobs[sha256]).map(({ path }) => path),
      }));
  }

  /**
   * Gives a model's files, which no tab deletes until they are released or this tab is gone.
   * @throws EaselError `corrupt` where one of them is missing or the model is not in the list
   */
  async open(id: string): Promise<OpenModel> {
    const release = await this.#hold(id);
    try {
      const { models, blobs } = await this.manifest.update((manifest) =>
        changeModel(manifest, id, { usedAt: this.ports.now() }),
      );
      const model = models.find((other) => other.id === id && other.removedAt === undefined);
      if (!model)
        throw new EaselError('corrupt', said`The model is no longer kept in this browser. Download it again.`);
      const opened: { path: string; file: Blob }[] = [];
      for (const { path, sha256, bytes } of model.files) {
        const file = blobs[sha256] && (await this.ports.directory.blob(blobs[sha256].file));
        if (file?.size !== bytes)
          throw new EaselError(
            'corrupt',
            said`${path} of ${model.name} is damaged. Download the model or add its file again.`,
          );
        opened.push({ path, file });
      }
      return { files: modelFiles(model.name, opened), blobs: opened, release };
    } catch (thrown) {
      release();
      throw thrown;
    }
  }

  /** Takes a lock and gives what lets go of it. */
  #hold(id: string): Promise<() => void> {
    return new Promise((held, failed) => {
      this.ports.locks
        .request(lockOfUse(id), { mode: 'shared' }, () => new Promise<void>((release) => held(release)))
        .catch(failed);
    });
  }

  /** Takes a model off the list, and calls off its repair; its files stay until their space is needed. */
  async remove(id: string): Promise<void> {
    await this.manifest.update((manifest) => {
      const isKept = manifest.models.some((model) => model.id === id);
      const downloads = isKept ? manifest.downloads.filter((download) => download.id !== id) : manifest.downloads;
      return changeModel({ ...manifest, downloads }, id, { removedAt: this.ports.now() });
    });
  }

  /** Puts a removed model back. @returns whether it was still there */
  async restore(id: string): Promise<boolean> {
    const { models } = await this.manifest.update((manifest) => changeModel(manifest, id, { removedAt: undefined }));
    return models.some((model) => model.id === id);
  }

  /**
   * Sees to it that so many bytes fit, and deletes removed models for that, the one removed first first; never one that
   * a tab has open.
   * @throws LibraryError `no-room` that says how much is missing
   */
  async makeRoom(bytes: number, what: SaidValue): Promise<void> {
    let free = await this.#freeBytes();
    const removed = (await this.list({ removed: true })).filter(({ removedAt }) => removedAt !== undefined);
    for (const { id } of removed.sort((a, b) => (a.removedAt ?? 0) - (b.removedAt ?? 0))) {
      if (free >= bytes) return;
      free += await this.#purge(id);
    }
    if (free >= bytes) return;
    throw new LibraryError(
      'no-room',
      said`${what} needs ${inUnits(bytes)}, and the browser has ${inUnits(free)} left for this page. Remove a model or free space on the disk.`,
    );
  }

  /**
   * Deletes what was removed, now, but what a tab has open.
   * @param before only what was removed before then, in milliseconds since 1970
   */
  async emptyBin(before = Number.POSITIVE_INFINITY): Promise<void> {
    for (const { id, removedAt = Number.POSITIVE_INFINITY } of await this.list({ removed: true }))
      if (removedAt < before) await this.#purge(id);
  }

  /** What the store takes of the disk. Nothing is read for it but the list. */
  async usage(): Promise<StoreUsage> {
    const manifest = await this.manifest.read();
    const files = (await this.ports.directory.list()).filter(({ name }) => !this.manifest.isOwn(name));
    const onDisk = files.reduce((sum, { bytes }) => sum + bytes, 0);
    return { ...usageOf(manifest, onDisk), freeBytes: await this.#freeBytes() };
  }

  async #freeBytes(): Promise<number> {
    const { usage = 0, quota = Number.POSITIVE_INFINITY } = await this.ports.estimate();
    return Math.max(0, quota - usage);
  }

  /** Deletes a removed model for good, unless a tab has it open. @returns how many bytes that freed */
  #purge(id: string): Promise<number> {
    return this.ports.locks.request(lockOfUse(id), { ifAvailable: true }, async (lock) => {
      if (!lock) return 0;
      let gone: readonly { file: string; bytes: number }[] = [];
      await this.manifest.update((manifest) => {
        const models = manifest.models.filter((model) => model.id !== id || model.removedAt === undefined);
        const after = withoutUnused({ ...manifest, models });
        gone = Object.entries(manifest.blobs).flatMap(([hash, blob]) => (after.blobs[hash] ? [] : [blob]));
        return after;
      });
      // Off the list first: where this tab goes now, the next sweep finds them.
      for (const { file } of gone) await this.ports.directory.remove(file).catch(() => undefined);
      return gone.reduce((sum, { bytes }) => sum + bytes, 0);
    });
  }

  /** Deletes files that nothing speaks of: what a crash left. Not while a tab writes files that are not listed yet. */
  async sweep(): Promise<void> {
    const { locks, directory } = this.ports;
    await locks.request(WRITING, { ifAvailable: true }, async (writing) => {
      if (!writing) return;
      await locks.request('easel.models', {}, async () => {
        const { blobs, downloads } = await this.manifest.read();
        const written = downloads.flatMap(({ parts }) => Object.values(parts).filter((part) => 'file' in part));
        const known = new Set([...Object.values(blobs), ...written].map(({ file }) => file));
        const isKnown = (name: string) =>
          known.has(name) ||
          this.manifest.isOwn(name) ||
          written.some(({ file }) => isSideOf(progressRecord(file), name));
        // One that is open in another tab is for the next sweep.
        for (const { name } of await directory.list())
          if (!isKnown(name)) await directory.remove(name).catch(() => undefined);
      });
    });
  }

  /**
   * Copies files in. The model is in the list once all of it is there.
   * @throws LibraryError `no-room` before or on the way, `disk`; nothing stays of it then
   */
  async import(model: ImportedModel, onBytes?: OnBytes, signal?: AbortSignal): Promise<void> {
    const { id, name, kind } = model;
    const list = (manifest: Manifest, written: readonly WrittenFile[]) => {
      const files = written.map(({ path, sha256, bytes }) => ({ path, sha256, bytes }));
      const now = this.ports.now();
      return withModel(withBlobs(manifest, written), { id, name, kind, files, addedAt: now, usedAt: now });
    };
    await this.#write(name, model.files, list, onBytes, signal);
  }

  /**
   * Copies a file in that may be one that is waited for: its hash says so.
   * @param place puts it where it belongs in the manifest; what it gives back unchanged has no place for it
   * @returns whether it has one; else nothing of it stays
   * @throws LibraryError `no-room`, `disk`
   */
  async takeIn(
    name: string,
    file: Blob,
    place: (manifest: Manifest, written: WrittenFile) => Manifest,
    onBytes?: OnBytes,
    signal?: AbortSignal,
  ): Promise<boolean> {
    let isPlaced = false;
    const placing = (manifest: Manifest, [written]: readonly WrittenFile[]) => {
      const after = place(manifest, written);
      isPlaced = after !== manifest;
      return after;
    };
    await this.#write(name, [{ path: name, file }], placing, onBytes, signal);
    return isPlaced;
  }

  /**
   * Lists a model of one file that lies elsewhere on the same disk, and has it moved here. Where the move does not come
   * to pass, the same again ends it.
   * @param move moves the file into this store's folder under that name
   */
  async moveIn(
    { id, name, kind }: Omit<ImportedModel, 'files'>,
    path: string,
    file: Blob,
    move: (as: string) => Promise<void>,
  ): Promise<void> {
    const sha256 = await sha256OfBlob(file);
    const written = { path, sha256, bytes: file.size, file: this.ports.newName() };
    const now = this.ports.now();
    const files = [{ path, sha256, bytes: file.size }];
    const { blobs } = await this.manifest.update((manifest) =>
      withModel(withBlobs(manifest, [written]), { id, name, kind, files, addedAt: now, usedAt: now }),
    );
    const { file: as } = blobs[sha256];
    if (!(await this.ports.directory.blob(as))) await move(as);
  }

  /** Copies files in and has them listed. Whatever is not in the manifest afterwards is deleted again. */
  async #write(
    name: string,
    files: ImportedModel['files'],
    list: (manifest: Manifest, written: readonly WrittenFile[]) => Manifest,
    onBytes: OnBytes = () => undefined,
    signal?: AbortSignal,
  ): Promise<void> {
    const bytes = files.reduce((sum, { file }) => sum + file.size, 0);
    await this.makeRoom(bytes, name);
    await this.ports.locks.request(WRITING, { mode: 'shared' }, async () => {
      const names = files.map(() => this.ports.newName());
      const written: WrittenFile[] = [];
      let copied = 0;
      try {
        for (const [at, { path, file }] of files.entries()) {
          const onMore = (more: number) => {
            copied += more;
            onBytes(copied, bytes);
          };
          const sha256 = await this.#copy(file, names[at], onMore, signal);
          written.push({ path, bytes: file.size, sha256, file: names[at] });
        }
        const { blobs } = await this.manifest.update((manifest) => list(manifest, written));
        for (const { sha256, file } of written)
          if (blobs[sha256]?.file !== file) await this.ports.directory.remove(file);
      } catch (thrown) {
        for (const file of names) await this.ports.directory.remove(file).catch(() => undefined);
        signal?.throwIfAborted();
        throw diskTrouble(name, thrown);
      }
    });
  }

  async #copy(from: Blob, name: string, onBytes: (more: number) => void, signal?: AbortSignal): Promise<string> {
    const target = await this.ports.directory.open(name);
    try {
      const hash = new OrderedHash(target);
      for (let at = 0; at < from.size; at += COPY_BYTES) {
        signal?.throwIfAborted();
        const part = new Uint8Array(await from.slice(at, at + COPY_BYTES).arrayBuffer());
        await target.write(at, part);
        hash.wrote(at, part);
        onBytes(part.length);
      }
      await target.flush();
      return hash.digest();
    } finally {
      await target.close();
    }
  }

  /**
   * Hashes all of a model's files. Those that are not what they were are off the list afterwards.
   * @returns their paths
   */
  async check(id: string, onBytes: OnBytes = () => undefined, signal?: AbortSignal): Promise<readonly string[]> {
    const release = await this.#hold(id);
    try {
      const { models, blobs } = await this.manifest.read();
      const model = models.find((other) => other.id === id);
      const files = model?.files ?? [];
      const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
      const damaged: ModelFile[] = [];
      const spoiled = new Set<string>();
      let read = 0;
      for (const file of files) {
        const blob = blobs[file.sha256] && (await this.ports.directory.blob(blobs[file.sha256].file));
        const onRead = (more: number) => {
          read += more;
          onBytes(read, bytes);
        };
        const found = blob && (await hashOf(blob, onRead, signal));
        if (found === file.sha256) continue;
        damaged.push(file);
        spoiled.add(blobs[file.sha256]?.file);
      }
      // By the names of what was read: somebody may have brought a sound one meanwhile.
      if (damaged.length > 0)
        await this.manifest.update((manifest) => ({
          ...manifest,
          blobs: Object.fromEntries(Object.entries(manifest.blobs).filter(([, { file }]) => !spoiled.has(file))),
        }));
      return damaged.map(({ path }) => path);
    } finally {
      release();
    }
  }

  /**
   * Begins a download of what is missing of a model, which stays in the list meanwhile.
   * @throws LibraryError `not-found` where nobody knows where it came from
   */
  async repair(id: string): Promise<void> {
    await this.manifest.update((manifest) => {
      const model = manifest.models.find((other) => other.id === id);
      if (!model?.origin)
        throw new LibraryError(
          'not-found',
          said`Nobody knows where ${model?.name ?? said`the model`} came from. Drop the same file on the page again: it takes the damaged one’s place.`,
        );
      const { name, kind, origin, files } = model;
      const whole = files.filter(({ sha256 }) => manifest.blobs[sha256]);
      const parts = Object.fromEntries(whole.map((file) => [file.path, { whole: file }]));
      const download = { id, name, kind, origin, state: 'queued', parts } as const;
      return { ...manifest, downloads: [...manifest.downloads.filter((other) => other.id !== id), download] };
    });
  }
}

async function hashOf(blob: Blob, onRead: (bytes: number) => void, signal?: AbortSignal): Promise<string | undefined> {
  try {
    return await sha256OfBlob(blob, onRead, signal);
  } catch {
    signal?.throwIfAborted();
    return undefined; // a disk that cannot read it any more
  }
}

/** How a download's progress is written down, beside the file itself. */
export const progressRecord = (file: string) => `${file}.progress`;

/** The manifest with files in it that have been written; of two with one hash the earlier stays. */
export function withBlobs(manifest: Manifest, written: readonly WrittenFile[]): Manifest {
  const added = written.map(({ sha256, file, bytes }) => [sha256, { file, bytes }] as const);
  return { ...manifest, blobs: { ...Object.fromEntries(added), ...manifest.blobs } };
}

/** The list with a model in it, in the place of one with its id. */
export function withModel(manifest: Manifest, model: StoredModel): Manifest {
  const models = [...manifest.models.filter(({ id }) => id !== model.id), model];
  return withoutUnused({ ...manifest, models });
}

function changeModel(manifest: Manifest, id: string, change: Partial<StoredModel>): Manifest {
  if (!manifest.models.some((model) => model.id === id)) return manifest;
  return {
    ...manifest,
    models: manifest.models.map((model) => (model.id === id ? { ...model, ...change } : model)),
  };
}

function modelFiles(name: string, files: readonly { path: string; file: Blob }[]): ModelFiles {
  const byPath = new Map(files.map(({ path, file }) => [path, file]));
  const get = (path: string) => {
    const file = byPath.get(path);
    if (!file) throw new EaselError('corrupt', said`${name} lacks ${path}.`);
    return file;
  };
  return {
    name,
    list: () => [...byPath.keys()],
    size: (path) => get(path).size,
    async read(path, start = 0, end = get(path).size) {
      try {
        return new Uint8Array(await get(path).slice(start, end).arrayBuffer());
      } catch (cause) {
        throw new EaselError(
          'corrupt',
          said`${path} of ${name} can no longer be read. Download the model or add its file again.`,
          {
            cause,
          },
        );
      }
    },
  };
}

/** Decimal units, as disks and downloads are sold in. */
function inUnits(bytes: number): string {
  const [value, unit] = bytes >= 1e9 ? [bytes / 1e9, 'GB'] : [bytes / 1e6, 'MB'];
  return `${value.toFixed(value < 10 ? 1 : 0)} ${unit}`;
}
