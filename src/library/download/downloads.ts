import * as v from 'valibot';
import { said } from '../../core/errors';
import type { DownloadRequest, KeptDownload, Manifest } from '../files/manifest';
import { type ModelStore, progressRecord } from '../files/model-store';
import { readRecord, removeRecord, writeRecord } from '../files/record';
import { diskTrouble, passes } from '../trouble';
import {
  downloadFile,
  LIMITS,
  type Limits,
  type Network,
  NOTHING_YET,
  type Progress,
  type RemoteFile,
} from './download-file';
import { completed, withPart, withState, withWhole } from './kept-downloads';
import { TransferRate } from './transfer-rate';

/** A download as people see it. */
export interface DownloadView extends Pick<KeptDownload, 'id' | 'name' | 'problem'> {
  /** `waiting`: for the network or the site, and goes on by itself. */
  state: KeptDownload['state'] | 'running' | 'checking' | 'waiting';
  /** Where it comes from. */
  host: string;
  /** What is still to come, to be fetched by hand where a site lets no page do so. */
  missing: readonly { path: string; url: string }[];
  loaded: number;
  /** Undefined until every file's size is known. */
  bytes?: number;
  bytesPerSecond?: number;
  secondsLeft?: number;
}

/** What tabs tell each other. */
export type DownloadNews =
  | { kind: 'changed' }
  | { kind: 'moved'; view: DownloadView }
  /** Somebody wants one tried again that waits. */
  | { kind: 'retry'; id: string };

/** Among the tabs, this one included. */
export interface Channel {
  post(news: DownloadNews): void;
  /** @returns what ends it */
  listen(hear: (news: DownloadNews) => void): () => void;
}

export interface DownloadPorts {
  store: ModelStore;
  network: Network;
  channel: Channel;
  limits?: Limits;
}

/** How long a download waits for a site or network that is away, unless it is told that it is back. */
const RETRY_MS = 30_000;
/** Bytes come in hundreds of pieces a second, each of which would be drawn. */
const PROGRESS_INTERVAL_MS = 200;

/**
 * The downloads of all tabs. Any tab may ask for one, pause or cancel it: that is a change of the manifest, and news
 * for the others. One of the tabs runs them, one after the other, and another takes over where it goes.
 */
export class Downloads {
  /** What is being done, by the tab that does it. */
  readonly #moving = new Map<string, DownloadView>();
  /** Until when a download waits. */
  readonly #waiting = new Map<string, number>();
  /** What a disk that was full did not even take down, by the names of its records. */
  readonly #unkept = new Map<string, Progress>();
  readonly #stopListening: () => void;
  #wake: () => void = () => undefined;

  constructor(readonly ports: DownloadPorts) {
    this.#stopListening = ports.channel.listen((news) => {
      if (news.kind === 'moved') this.#moving.set(news.view.id, news.view);
      if (news.kind === 'retry') this.#waiting.delete(news.id);
      if (news.kind !== 'moved') this.#wake();
    });
  }

  dispose(): void {
    this.#stopListening();
  }

  async list(): Promise<readonly DownloadView[]> {
    const { downloads } = await this.#manifest.read();
    return downloads.map((download) => {
      const { id, name, state, problem } = download;
      const { host, missing } = aboutSource(download);
      const moving = this.#moving.get(id);
      if (state === 'queued' && moving) return { ...moving, missing };
      const loaded = moving?.loaded ?? wholeBytes(download);
      return { id, name, state, host, missing, problem, loaded, bytes: moving?.bytes ?? statedBytes(download) };
    });
  }

  /** Puts a model at the end of the queue; one that is there already goes on. */
  async add(request: DownloadRequest): Promise<void> {
    await this.#change((manifest) => {
      if (manifest.downloads.some(({ id }) => id === request.id)) return withState(manifest, request.id, 'queued');
      const added: KeptDownload = { ...request, state: 'queued', parts: {} };
      return { ...manifest, downloads: [...manifest.downloads, added] };
    });
  }

  pause(id: string): Promise<void> {
    return this.#change((manifest) => withState(manifest, id, 'paused'));
  }

  /** Goes on with a download that was paused or failed. */
  async resume(id: string): Promise<void> {
    await this.#change((manifest) => withState(manifest, id, 'queued'));
    this.ports.channel.post({ kind: 'retry', id });
  }

  /**
   * The person's keys are others: tries again what was refused for want of one. Whoever gave it may have asked for that
   * before it came here, from another tab.
   */
  async retryRefused(): Promise<void> {
    const { downloads } = await this.#manifest.read();
    const isFor = ({ url }: RemoteFile) => this.ports.network.authorize(url) !== undefined;
    for (const { id, state, problem, origin } of downloads)
      if (state === 'failed' && problem?.trouble === 'token-needed' && origin.files.some(isFor)) await this.resume(id);
  }

  /** Takes a download off the queue with all that it has. */
  async cancel(id: string): Promise<void> {
    await this.#change((manifest) => ({
      ...manifest,
      downloads: manifest.downloads.filter((download) => download.id !== id),
    }));
    await this.ports.store.sweep();
  }

  /** Fetches again what is missing of a model. @throws LibraryError `not-found` where it was not downloaded */
  async repair(id: string): Promise<void> {
    await this.ports.store.repair(id);
    this.ports.channel.post({ kind: 'changed' });
  }

  /** The network is back: what waits is tried at once. */
  retryNow(): void {
    this.#waiting.clear();
    this.#wake();
  }

  /** Runs the queue until the signal, as soon as no other tab does. */
  async run(signal: AbortSignal): Promise<void> {
    try {
      await this.ports.store.ports.locks.request('easel.downloads', { signal }, () => this.#runQueue(signal));
    } catch (thrown) {
      if (!signal.aborted) throw thrown;
    }
  }

  get #manifest() {
    return this.ports.store.manifest;
  }

  async #change(change: (manifest: Manifest) => Manifest): Promise<void> {
    await this.#manifest.update(change);
    this.ports.channel.post({ kind: 'changed' });
  }

  async #runQueue(signal: AbortSignal): Promise<void> {
    await this.ports.store.sweep();
    while (!signal.aborted) {
      const woken = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      const now = this.ports.network.clock.now();
      const { downloads } = await this.#manifest.read();
      const queued = downloads.filter(({ state }) => state === 'queued');
      const next = queued.find(({ id }) => (this.#waiting.get(id) ?? 0) <= now);
      if (next) await this.#runOne(next, signal);
      else await this.#sleep(woken, queued, signal);
    }
  }

  /** Until there is news or the first of those that wait is due. */
  async #sleep(woken: Promise<void>, queued: readonly KeptDownload[], signal: AbortSignal): Promise<void> {
    const due = Math.min(...queued.map(({ id }) => this.#waiting.get(id) ?? 0));
    const over = new AbortController();
    const end = () => over.abort();
    signal.addEventListener('abort', end);
    const { clock } = this.ports.network;
    const waited = clock.wait(due - clock.now(), over.signal).catch(() => undefined);
    await Promise.race([woken, waited]);
    end();
    signal.removeEventListener('abort', end);
  }

  async #runOne(download: KeptDownload, signal: AbortSignal): Promise<void> {
    const { id } = download;
    const stop = new AbortController();
    const end = () => stop.abort(signal.reason);
    signal.addEventListener('abort', end);
    // Another tab, or this one, may pause or cancel it.
    const stopListening = this.ports.channel.listen(({ kind }) => {
      if (kind === 'changed') void this.#isQueued(id).then((queued) => queued || stop.abort());
    });
    try {
      await this.#fetchModel(download, stop.signal);
      this.#waiting.delete(id);
    } catch (thrown) {
      // Asked for anew meanwhile, it is another download, which has not failed.
      const isOver = stop.signal.aborted || thrown instanceof Cancelled;
      if (!isOver) await this.#settle(id, thrown);
      else if (!signal.aborted) await this.ports.store.sweep(); // it may have been cancelled
    } finally {
      stopListening();
      signal.removeEventListener('abort', end);
      const last = this.#moving.get(id);
      // What waits stays to be seen as that.
      if (last?.state !== 'waiting') this.#moving.delete(id);
      this.ports.channel.post({ kind: 'changed' });
    }
  }

  async #isQueued(id: string): Promise<boolean> {
    const { downloads } = await this.#manifest.read();
    return downloads.some((download) => download.id === id && download.state === 'queued');
  }

  /** After a failure: what passes is waited for, anything else is for the person. */
  async #settle(id: string, thrown: unknown): Promise<void> {
    const { trouble, message, said: sentence } = diskTrouble(said`the download`, thrown);
    const problem = { trouble, message, said: sentence };
    if (passes(thrown)) return this.#postpone(id, this.ports.network.clock.now() + RETRY_MS, problem);
    try {
      await this.#manifest.update((manifest) => withState(manifest, id, 'failed', problem));
    } catch {
      // The disk does not even take that down: not before the person says so.
      this.#postpone(id, Number.POSITIVE_INFINITY, problem);
    }
  }

  #postpone(id: string, until: number, problem: KeptDownload['problem']): void {
    this.#waiting.set(id, until);
    const view = this.#moving.get(id);
    if (view) this.#tell({ ...view, state: 'waiting', problem, bytesPerSecond: undefined, secondsLeft: undefined });
  }

  #tell(view: DownloadView): void {
    this.#moving.set(view.id, view);
    this.ports.channel.post({ kind: 'moved', view });
  }

  async #fetchModel(download: KeptDownload, signal: AbortSignal): Promise<void> {
    const { id, origin } = download;
    const follow = new Follower(
      download,
      () => this.ports.network.clock.now(),
      (view) => this.#tell(view),
    );
    const unstarted = origin.files.filter(({ path }) => !download.parts[path]);
    const needed = unstarted.reduce((sum, { bytes = 0 }) => sum + bytes, 0);
    await this.ports.store.makeRoom(needed, download.name);
    try {
      for (const file of origin.files) {
        signal.throwIfAborted();
        await this.#fetchPart(id, file, follow, signal);
      }
    } finally {
      follow.end();
    }
    await this.#manifest.update((manifest) => completed(manifest, id, this.ports.store.ports.now()));
  }

  /** Fetches a file, unless it is there; afterwards it is whole in the manifest. */
  async #fetchPart(id: string, remote: RemoteFile, follow: Follower, signal: AbortSignal): Promise<void> {
    const { newName, directory } = this.ports.store.ports;
    const manifest = await this.#manifest.update((before) => withPart(before, id, remote, newName));
    const part = manifest.downloads.find((download) => download.id === id)?.parts[remote.path];
    if (!part) throw new Cancelled('The download is on nobody’s list any more.');
    if ('whole' in part) return follow.whole(remote.path, part.whole.bytes);
    const target = await directory.open(part.file).catch((thrown) => {
      throw diskTrouble(remote.path, thrown);
    });
    const record = progressRecord(part.file);
    try {
      const whole = await downloadFile({
        file: remote,
        target,
        from: this.#unkept.get(record) ?? readProgress(await readRecord(directory, record)),
        network: this.ports.network,
        limits: this.ports.limits ?? LIMITS,
        keep: async (progress) => {
          this.#unkept.set(record, progress);
          await writeRecord(directory, record, progress);
          this.#unkept.delete(record);
        },
        onBytes: (loaded, size) => follow.moved(remote.path, loaded, size),
        signal,
      });
      await target.close();
      await this.#manifest.update((before) => withWhole(before, id, { path: remote.path, ...whole }, part.file));
      await removeRecord(directory, record);
    } finally {
      await target.close();
    }
  }
}

/** Somebody took a download off the list while it ran. */
class Cancelled extends Error {}

/** Adds up a model's files, and tells of it now and then; what it has not told for that reason comes a little later. */
class Follower {
  readonly #files = new Map<string, { loaded: number; bytes?: number }>();
  readonly #rate = new TransferRate();
  #reportedAt = Number.NEGATIVE_INFINITY;
  #later: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly download: KeptDownload,
    readonly now: () => number,
    readonly tell: (view: DownloadView) => void,
  ) {
    for (const { path, bytes } of download.origin.files) this.#files.set(path, { loaded: 0, bytes });
  }

  whole(path: string, bytes: number): void {
    this.#files.set(path, { loaded: bytes, bytes });
  }

  moved(path: string, loaded: number, bytes: number | undefined): void {
    const before = this.#files.get(path);
    // The first word of a file is what an earlier visit had of it: that was not this visit's speed.
    if (before && loaded > before.loaded && this.#toldOf.has(path)) this.#rate.add(loaded - before.loaded, this.now());
    this.#toldOf.add(path);
    this.#files.set(path, { loaded, bytes: bytes ?? before?.bytes });
    const waitMs = this.#reportedAt + PROGRESS_INTERVAL_MS - this.now();
    if (loaded === bytes) this.#report('checking');
    else if (waitMs <= 0) this.#report('running');
    else this.#later ??= setTimeout(() => this.#report('running'), waitMs);
  }

  /** Tells nothing any more. */
  end(): void {
    clearTimeout(this.#later);
  }

  #report(state: DownloadView['state']): void {
    clearTimeout(this.#later);
    this.#later = undefined;
    this.#reportedAt = this.now();
    this.tell(this.#view(state));
  }

  readonly #toldOf = new Set<string>();

  #view(state: DownloadView['state']): DownloadView {
    const { id, name } = this.download;
    const files = [...this.#files.values()];
    const loaded = files.reduce((sum, file) => sum + file.loaded, 0);
    const bytes = files.every((file) => file.bytes !== undefined)
      ? files.reduce((sum, file) => sum + (file.bytes ?? 0), 0)
      : undefined;
    const bytesPerSecond = this.#rate.perSecond(this.now());
    const secondsLeft = bytes !== undefined && bytesPerSecond ? (bytes - loaded) / bytesPerSecond : undefined;
    return { id, name, state, ...aboutSource(this.download), loaded, bytes, bytesPerSecond, secondsLeft };
  }
}

const ProgressSchema = v.object({
  done: v.array(v.object({ start: v.number(), end: v.number() })),
  size: v.optional(v.number()),
  version: v.optional(v.string()),
}) satisfies v.GenericSchema<unknown, Progress>;

function readProgress(value: unknown): Progress {
  const read = v.safeParse(ProgressSchema, value);
  return read.success ? read.output : NOTHING_YET;
}

function aboutSource({ origin, parts }: KeptDownload): Pick<DownloadView, 'host' | 'missing'> {
  const missing = origin.files.filter(({ path }) => !(parts[path] && 'whole' in parts[path]));
  return { host: new URL(origin.page).host, missing: missing.map(({ path, url }) => ({ path, url })) };
}

function wholeBytes({ parts }: KeptDownload): number {
  return Object.values(parts).reduce((sum, part) => sum + ('whole' in part ? part.whole.bytes : 0), 0);
}

function statedBytes({ origin }: KeptDownload): number | undefined {
  const sizes = origin.files.map(({ bytes }) => bytes);
  return sizes.includes(undefined) ? undefined : sizes.reduce<number>((sum, bytes) => sum + (bytes ?? 0), 0);
}
