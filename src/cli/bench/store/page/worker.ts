/**
 * The browser's half of `npm run bench -- store`: a store and its downloads in a worker, as the page has them. The Node
 * half is ../kill-trials.ts, their agreement ../protocol.ts.
 */

import { EaselError, said } from '../../../../core/errors';
import { browserChannel, browserNetwork, openBrowserStore } from '../../../../library/browser-ports';
import { LIMITS } from '../../../../library/download/download-file';
import { Downloads } from '../../../../library/download/downloads';
import { OrderedHash } from '../../../../library/download/ordered-hash';
import type { StorageDirectory, StorageFile } from '../../../../library/files/directory';
import type { ModelStore } from '../../../../library/files/model-store';
import { openOpfs } from '../../../../library/files/opfs';
import { readAddress } from '../../../../library/sources/address';
import { askSource } from '../../../../library/sources/ask-source';
import type { StoreNews, StoreOrder } from '../protocol';

/** What it tells is what the bench knows. */
const tell = (news: StoreNews) => postMessage(news);

const MODEL = 'some/model';
const MIB = 2 ** 20;

const network = browserNetwork(() => undefined);

/** What the bench does to writes, and what it finds of the last visit's. */
interface Writes {
  /** The last visit ended within one. */
  wereCut: boolean;
  /** Does a write in two halves; of the chosen one the second never comes, and the bench is told. */
  inHalves(first: () => Promise<void>, second: () => Promise<void>): Promise<void>;
}

/** One byte on the disk says whether something is being written now. @param chosen the write to be killed in, from 1 */
async function openWrites(chosen: number): Promise<Writes> {
  const mark = await (await openOpfs('marks')).open('writing');
  const [before] = await mark.read(0, 1);
  let [under, count] = [0, 0];
  const set = (value: number) => mark.write(0, new Uint8Array([value]));
  await set(0);
  return {
    wereCut: before === 1,
    async inHalves(first, second) {
      if (under++ === 0) await set(1);
      await first();
      if (++count === chosen) {
        tell('writing');
        await new Promise(() => undefined);
      }
      await second();
      if (--under === 0) await set(0);
    },
  };
}

const nothing = async () => undefined;

/** The directory, but that a kill can find each of its writes half done. */
function cuttable(directory: StorageDirectory, { inHalves }: Writes): StorageDirectory {
  const cuttableFile = (file: StorageFile): StorageFile => ({
    ...file,
    write(at, bytes) {
      const middle = bytes.length >> 1;
      return inHalves(
        () => file.write(at, bytes.subarray(0, middle)),
        () => file.write(at + middle, bytes.subarray(middle)),
      );
    },
    truncate: (size) => inHalves(() => file.truncate(size), nothing),
    flush: () => inHalves(nothing, () => file.flush()),
  });
  return {
    ...directory,
    open: async (name) => cuttableFile(await directory.open(name)),
    remove: (name) => inHalves(() => directory.remove(name), nothing),
  };
}

const requestOf = async (address: string) => {
  const answer = await askSource(readAddress(address), network);
  if (answer.kind !== 'request') throw new EaselError('internal', said`The stand-in asks which file.`);
  return answer.request;
};

/** Downloads, copies and removes without end; first says how the last visit left things. */
async function trial(chosen: number): Promise<void> {
  const writes = await openWrites(chosen);
  const directory = await openOpfs('models');
  const found = await openBrowserStore(directory);
  const damaged: string[] = [];
  const models = await found.list();
  for (const { id, missing } of models) {
    damaged.push(...missing, ...(await found.check(id)));
    (await found.open(id)).release();
  }
  const { downloads: left } = await found.manifest.read();
  tell({ kind: 'opened', wasWriting: writes.wereCut, damaged, left: left.length, models: models.length });
  const store = await openBrowserStore(cuttable(directory, writes));
  const downloads = new Downloads({
    store,
    network,
    channel: browserChannel(),
    limits: { ...LIMITS, rangeBytes: 2 * MIB, keepBytes: MIB },
  });
  void downloads.run(new AbortController().signal);
  const request = await requestOf(MODEL);
  for (let round = 0; ; round++) {
    await downloads.add(request);
    // Beside it, what is written without the network.
    const copy = new Blob([new Uint8Array(3 * MIB).fill(round)]);
    await store.import({ id: `copy:${round % 2}`, name: 'copy', kind: 'model', files: [{ path: 'x', file: copy }] });
    await whole(store, downloads, request.id);
    tell('whole');
    await store.remove(request.id);
    await store.emptyBin();
  }
}

async function whole(store: ModelStore, downloads: Downloads, id: string): Promise<void> {
  for (;;) {
    if ((await store.list()).some((model) => model.id === id)) return;
    const [view] = await downloads.list();
    if (view?.state === 'failed')
      throw new EaselError('internal', said`${view.problem?.message ?? 'The download failed.'}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Megabytes a second of a download with its hash, of a plain write, and of the hash alone. */
async function measure(address: string): Promise<void> {
  const directory = await openOpfs('measured');
  const store = await openBrowserStore(directory);
  const downloads = new Downloads({ store, network, channel: browserChannel() });
  void downloads.run(new AbortController().signal);
  const request = await requestOf(address);
  const bytes = request.origin.files.reduce((sum, file) => sum + (file.bytes ?? 0), 0);
  const rateOf = async (work: () => Promise<unknown>) => {
    const begun = performance.now();
    await work();
    return bytes / 1000 / (performance.now() - begun);
  };
  const download = await rateOf(async () => {
    await downloads.add(request);
    await whole(store, downloads, request.id);
  });
  const part = new Uint8Array(MIB);
  const file = await directory.open('plain');
  const write = await rateOf(async () => {
    for (let at = 0; at < bytes; at += MIB) await file.write(at, part);
    await file.flush();
  });
  const ordered = new OrderedHash(file);
  const hash = await rateOf(() => ordered.catchUp(bytes));
  const fetched = await rateOf(async () => {
    const reader = (await fetch(request.origin.files[0].url)).body?.getReader();
    while ((await reader?.read())?.value);
  });
  await file.close();
  tell({ kind: 'measured', download, write, hash, fetched });
}

addEventListener('message', ({ data }: MessageEvent<StoreOrder>) => {
  const work = data.kind === 'trial' ? trial(data.write) : measure(data.address);
  work.catch((error) => tell({ kind: 'failed', message: String(error?.stack ?? error) }));
});
