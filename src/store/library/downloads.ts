import { create } from 'zustand';
import { EaselError, type ErrorCode, toEaselError } from '../../core/errors';
import { browserChannel, browserNetwork } from '../../library/browser-ports';
import type { CatalogueEntry } from '../../library/catalogue';
import { Downloads, type DownloadView } from '../../library/download/downloads';
import type { DownloadRequest, StoredModel } from '../../library/files/manifest';
import { type ModelAddress, readAddress } from '../../library/sources/address';
import { askSource } from '../../library/sources/ask-source';
import { isKeyedHost, type SiteKeys } from '../../library/sources/site-keys';
import { engine } from '../engine-port';
import { notify } from '../notices';
import { askForPersistence } from '../settings/persistence';
import { addRecord, useLibrary } from './library';
import type { LibraryRecord, ModelFacts } from './library-record';
import { modelStore, storedFiles } from './stored-models';
import { withUniqueName } from './unique-name';

/** A file of which the person must say whether it is the one. */
interface Choice {
  path: string;
  bytes?: number;
  address: ModelAddress;
}

/** What a person should know before a download begins. */
export interface DownloadOffer {
  request: DownloadRequest;
  /** Undefined where the site does not say. */
  bytes?: number;
  /** Left for this page. */
  freeBytes?: number;
}

interface DownloadsState {
  downloads: readonly DownloadView[];
  /** A site is being asked what it has. */
  asking: boolean;
  /** Why what was asked for cannot be downloaded. */
  problem?: string;
  /** Where an address has several files. */
  choices: readonly Choice[];
  /** What was found, before its first byte comes. */
  offer?: DownloadOffer;
}

export const useDownloads = create<DownloadsState>(() => ({ downloads: [], asking: false, choices: [] }));

/** What the worker that downloads is started with. */
interface Runner {
  postMessage(keys: SiteKeys): void;
}

/** Kept for this visit, in memory: they are written nowhere. */
let keys: SiteKeys = {};
let spawn: (() => Runner) | undefined;
let runner: Runner | undefined;
let downloads: Downloads | undefined;
/** Why there are none. */
let refusal = 'The list of downloads is not read yet.';

/** Goes on with what earlier visits began, and shows what this browser's tabs download. */
export async function connectDownloads(start: () => Runner): Promise<void> {
  spawn = start;
  try {
    const channel = browserChannel();
    downloads = new Downloads({ store: await modelStore(), network: browserNetwork((host) => keys[host]), channel });
    channel.listen(({ kind }) => void (kind === 'changed' ? refreshAll() : refresh()));
    await refreshAll();
    if (useDownloads.getState().downloads.some(({ state }) => state === 'queued')) run();
  } catch (thrown) {
    // A browser that keeps no files, say; whoever asks for a download is told.
    downloads = undefined;
    refusal = toEaselError(thrown).message;
  }
}

/** Starts what downloads, once a tab. */
function run(): void {
  if (runner || !spawn) return;
  runner = spawn();
  runner.postMessage(keys);
}

async function refresh(): Promise<void> {
  const views = await downloads?.list();
  if (views) useDownloads.setState({ downloads: views });
}

async function refreshAll(): Promise<void> {
  await refresh();
  await listStored();
}

/** One at a time: the same model is not to be listed twice. */
let listing: Promise<void> = Promise.resolve();

/** Puts on the list what has arrived, in whichever tab. */
function listStored(): Promise<void> {
  // One that failed is no reason for the next to do so.
  listing = listing
    .catch(() => undefined)
    .then(async () => {
      const listed = useLibrary.getState().entries.map(({ record }) => record.place);
      const isListed = ({ id }: StoredModel) => listed.some((place) => place.kind === 'stored' && place.model === id);
      for (const model of await (await modelStore()).list()) {
        if (isListed(model)) continue;
        const record = await recordOf(model).catch((thrown) => refuse(model, thrown));
        if (!record) continue;
        await addRecord(record);
        notify(`${record.name} is on the list.`);
      }
    });
  return listing;
}

/** What is wrong with a file itself, rather than with what was to look at it. */
const OF_FILE: readonly ErrorCode[] = ['corrupt', 'unsupported'];

/** What turns out to be of no use does not stay; what could not be looked at now is looked at again another time. */
async function refuse({ id, name }: StoredModel, thrown: unknown): Promise<undefined> {
  const { code, message } = toEaselError(thrown);
  if (!OF_FILE.includes(code)) {
    notify(`${name} was downloaded, and could not be looked at yet: ${message}`);
    return;
  }
  notify(`${name} was downloaded, but cannot be used: ${message}`, undefined, { stays: true });
  await (await modelStore()).remove(id);
}

async function recordOf(model: StoredModel): Promise<LibraryRecord> {
  const { id, name, files } = model;
  const blobs = await storedFiles(id);
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const place = { kind: 'stored', model: id } as const;
  const about = { v: 1, name, place, bytes, usedAt: Date.now() } as const;
  const source = { kind: 'folder', name, files: blobs } as const;
  if (files.length > 1) return withUniqueName({ ...about, kind: 'model', id: `model:${name}` }, source);
  const { kind, ...facts } = await engine().identify({ name: `${name}.safetensors`, file: blobs[0].file });
  const known: { facts?: ModelFacts } = kind === 'model' ? { facts: facts as ModelFacts } : {};
  return withUniqueName({ ...about, ...known, kind, id: `${kind}:${name}` }, source);
}

/** Asks what an address stands for, and offers it with its size, or its files to choose from. */
export async function getModel(address: string | ModelAddress): Promise<void> {
  useDownloads.setState({ asking: true, problem: undefined, choices: [], offer: undefined });
  try {
    const read = typeof address === 'string' ? readAddress(address) : address;
    const answer = await askSource(
      read,
      browserNetwork((host) => keys[host]),
    );
    if (answer.kind === 'choose') useDownloads.setState({ choices: answer.files });
    else useDownloads.setState({ offer: await offerOf(answer.request) });
  } catch (thrown) {
    useDownloads.setState({ problem: toEaselError(thrown).message });
  } finally {
    useDownloads.setState({ asking: false });
  }
}

export const getEntry = ({ address }: CatalogueEntry) => getModel(address);

async function offerOf(request: DownloadRequest): Promise<DownloadOffer> {
  const sizes = request.origin.files.map(({ bytes }) => bytes ?? Number.NaN);
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  return { request, bytes: Number.isNaN(bytes) ? undefined : bytes, freeBytes: await freeBytes() };
}

/** What this page may still store; undefined where the browser does not say. */
export async function freeBytes(): Promise<number | undefined> {
  const { quota, usage = 0 } = (await navigator.storage?.estimate()) ?? {};
  return quota === undefined ? undefined : Math.max(0, quota - usage);
}

/** Begins the download that is offered. */
export async function takeOffer(): Promise<void> {
  const { offer } = useDownloads.getState();
  if (!offer) return;
  useDownloads.setState({ offer: undefined });
  await askForPersistence();
  await withDownloads((queue) => queue.add(offer.request));
  run();
}

export function dismissOffer(): void {
  useDownloads.setState({ offer: undefined });
}

export const pauseDownload = (id: string) => withDownloads((queue) => queue.pause(id));
export const cancelDownload = (id: string) => withDownloads((queue) => queue.cancel(id));

export async function resumeDownload(id: string): Promise<void> {
  await withDownloads((queue) => queue.resume(id));
  run();
}

/** Takes a person's key for a site, for this visit, and goes on with what needs it. */
export async function giveKey(host: string, key: string, download: string): Promise<void> {
  if (!isKeyedHost(host)) return;
  keys = { ...keys, [host]: key };
  runner?.postMessage(keys);
  await resumeDownload(download);
}

async function withDownloads(act: (queue: Downloads) => Promise<void>): Promise<void> {
  try {
    if (!downloads)
      throw new EaselError(
        'no-storage',
        `Nothing can be downloaded here now. ${refusal} Download the file on its site and drop it on the page.`,
      );
    await act(downloads);
    await refresh();
  } catch (thrown) {
    useDownloads.setState({ problem: toEaselError(thrown).message });
  }
}
