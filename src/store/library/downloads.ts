import { create } from 'zustand';
import { EaselError, said } from '../../core/errors';
import type { ModelShape } from '../../core/memory-need';
import type { CatalogueEntry } from '../../library/catalogue';
import { Downloads, type DownloadView } from '../../library/download/downloads';
import { placesFor } from '../../library/download/join-file';
import type { DownloadRequest } from '../../library/files/manifest';
import { type ModelAddress, readAddress } from '../../library/sources/address';
import { askSource } from '../../library/sources/ask-source';
import { headOfFile, shapeOfFolder } from '../../library/sources/remote-weights';
import { isKeyedHost } from '../../library/sources/site-keys';
import { errorText } from '../../texts/errors';
import { texts } from '../../texts/store';
import { engine } from '../engine-port';
import { notify } from '../notices';
import { askForPersistence } from '../settings/persistence';
import { libraryPorts } from './library-ports';
import { listStored } from './model-list';
import { keepKey, keyOf, useSiteKeys } from './site-keys';

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
  /** Left for this page, with what is in the bin. */
  freeBytes?: number;
  /** So much too little is left, as far as is known. */
  lacksBytes: number;
  /** Of a model: what it takes to run, once its site has told. */
  shape?: ModelShape;
  /** Its site has been asked what it takes, and does not tell before the download. */
  isUntold?: true;
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

let downloads: Downloads | undefined;
/** Why there are none. */
let refusal: string = texts.downloadsUnread;

/** How long removed models stay, where nothing else needs their space. */
const BIN_MS = 30 * 24 * 3_600_000;

/**
 * Goes on with what earlier visits began, and shows what this browser's tabs download.
 * @returns what ends it
 */
export async function connectDownloads(): Promise<() => void> {
  const ends: (() => void)[] = [];
  try {
    const { store, channel, network, client } = libraryPorts();
    const opened = await store();
    await opened.emptyBin(opened.ports.now() - BIN_MS);
    downloads = new Downloads({ store: opened, network: network(keyOf), channel });
    client.setKeys(useSiteKeys.getState().keys);
    ends.push(useSiteKeys.subscribe(({ keys }) => client.setKeys(keys)));
    ends.push(channel.listen(({ kind }) => void (kind === 'changed' ? refreshAll() : refresh())));
    await refreshAll();
    if (useDownloads.getState().downloads.some(({ state }) => state === 'queued')) run();
  } catch (thrown) {
    // A browser that keeps no files, say; whoever asks for a download is told.
    downloads = undefined;
    refusal = errorText(thrown);
  }
  return () => {
    for (const end of ends) end();
    downloads?.dispose();
    downloads = undefined;
  };
}

/** Starts what downloads, once a tab. */
const run = () => void libraryPorts().client.start();

async function refresh(): Promise<void> {
  const views = await downloads?.list();
  if (views) useDownloads.setState({ downloads: views });
}

async function refreshAll(): Promise<void> {
  await refresh();
  await listStored();
}

/**
 * Asks what an address stands for, and offers it with its size, or its files to choose from.
 * @param about what is known of it: what the library is to call it, if not as its file or repository; and whether what
 * it needs is told elsewhere
 */
export async function getModel(
  address: string | ModelAddress,
  { keptAs, needIsKnown = false }: { keptAs?: string; needIsKnown?: boolean } = {},
): Promise<void> {
  useDownloads.setState({ asking: true, problem: undefined, choices: [], offer: undefined });
  try {
    const read = typeof address === 'string' ? readAddress(address) : address;
    const answer = await askSource(read, libraryPorts().network(keyOf));
    if (answer.kind === 'choose') useDownloads.setState({ choices: answer.files });
    else makeOffer(await offerOf({ ...answer.request, name: keptAs ?? answer.request.name }), needIsKnown);
  } catch (thrown) {
    useDownloads.setState({ problem: errorText(thrown) });
  } finally {
    useDownloads.setState({ asking: false });
  }
}

export const getEntry = ({ address, keptAs }: CatalogueEntry) => getModel(address, { keptAs, needIsKnown: true });

/** Offers a download, and tells what the model needs as soon as its site has told: nobody waits for that. */
function makeOffer(offer: DownloadOffer, needIsKnown: boolean): void {
  useDownloads.setState({ offer });
  if (needIsKnown) return;
  const tell = (told: Told) => {
    const { bytes = told.bytes, freeBytes = Number.POSITIVE_INFINITY } = offer;
    const lacksBytes = offer.bytes === undefined ? Math.max(0, (bytes ?? 0) - freeBytes) : offer.lacksBytes;
    if (useDownloads.getState().offer === offer)
      useDownloads.setState({ offer: { ...offer, ...told, bytes, lacksBytes } });
  };
  // What stands in the way of a header stands in the way of the file, which says so when it is asked for.
  toldOf(offer.request).then(tell, () => tell({ isUntold: true }));
}

/** What a site tells of what it has, before a download. */
type Told = Pick<DownloadOffer, 'bytes' | 'shape' | 'isUntold'>;

/** What running it takes, of a model, and how large it is, from the headers of its files. */
async function toldOf({ origin: { files } }: DownloadRequest): Promise<Told> {
  const network = libraryPorts().network(keyOf);
  if (files.length > 1) {
    const shape = await shapeOfFolder(files, network);
    return shape ? { shape } : { isUntold: true };
  }
  const [file] = files;
  const { head, bytes } = await headOfFile(file, network);
  if (!head) return { bytes, isUntold: true };
  const report = await engine().identify({ name: file.path, file: head });
  return { bytes, shape: report.kind === 'model' ? report.shape : undefined };
}

async function offerOf(request: DownloadRequest): Promise<DownloadOffer> {
  const sizes = request.origin.files.map(({ bytes }) => bytes ?? Number.NaN);
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  const { blobs } = await (await libraryPorts().store()).manifest.read();
  const needed = request.origin.files.filter(({ sha256 }) => !(sha256 && blobs[sha256]));
  const neededBytes = needed.reduce((sum, file) => sum + (file.bytes ?? 0), 0);
  const free = await freeBytes();
  return {
    request,
    bytes: Number.isNaN(bytes) ? undefined : bytes,
    freeBytes: free,
    lacksBytes: free === undefined ? 0 : Math.max(0, neededBytes - free),
  };
}

/** What this page may still store, where what is in the bin gives way; undefined where the browser does not say. */
export async function freeBytes(): Promise<number | undefined> {
  const { freeBytes: left, bin } = await (await libraryPorts().store()).usage();
  return Number.isFinite(left) ? left + bin : undefined;
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

/** Keeps a person's token for a site on this device, and goes on with what needs it. */
export async function giveKey(host: string, key: string, download: string): Promise<void> {
  if (!isKeyedHost(host)) return;
  keepKey(host, key);
  await resumeDownload(download);
}

/** Downloads again what is missing of a model. @throws EaselError where nobody knows where it came from */
export async function repairStored(model: string): Promise<void> {
  if (!downloads) throw new EaselError('no-storage', said`${refusal}`);
  await downloads.repair(model);
  run();
}

/**
 * Gives a file to the download that waits for it, or to the model that has lost it.
 * @returns whether it is such a file; what became of it is said
 */
export async function joinDownload(file: File): Promise<boolean> {
  if (!downloads) return false;
  const { store, client } = libraryPorts();
  if (placesFor(await (await store()).manifest.read(), file).length === 0) return false;
  const about = `join:${file.name}`;
  notify(texts.joining(file.name), undefined, { about, stays: true });
  try {
    const joined = await client.call('join', { name: file.name, file });
    if (joined.outcome === 'joined') notify(texts.joined(file.name, joined.names), undefined, { about });
    if (joined.outcome === 'differs')
      notify(texts.joinDiffers(file.name, joined.path, joined.name), undefined, {
        about,
      });
    return joined.outcome === 'joined';
  } catch (thrown) {
    notify(errorText(thrown), undefined, { about, stays: true });
    return true;
  }
}

async function withDownloads(act: (queue: Downloads) => Promise<void>): Promise<void> {
  try {
    if (!downloads)
      throw new EaselError(
        'no-storage',
        said`Nothing can be downloaded here now. ${refusal} Download the file on its site and drop it on the page.`,
      );
    await act(downloads);
    await refresh();
  } catch (thrown) {
    useDownloads.setState({ problem: errorText(thrown) });
  }
}
