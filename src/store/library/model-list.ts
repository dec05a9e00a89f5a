import { type ErrorCode, toEaselError } from '../../core/errors';
import type { ListedModel } from '../../library/files/model-store';
import { errorText } from '../../texts/errors';
import { texts } from '../../texts/store';
import { engine } from '../engine-port';
import { notify } from '../notices';
import {
  addRecord,
  dropRemoved,
  hideRecords,
  isInTransit,
  recordsOnDisk,
  restoreRecord,
  showRecord,
  useLibrary,
} from './library';
import { libraryPorts } from './library-ports';
import { factsOf, type LibraryRecord } from './library-record';
import { readStored, releaseStored, storedFiles } from './stored-models';
import { withUniqueName } from './unique-name';

/** One at a time: the same model is not to be listed twice. */
let listing: Promise<void> = Promise.resolve();

/** Brings the list in step with the store: what has arrived, was removed or was put back, in whichever tab. */
export function listStored(): Promise<void> {
  // One that failed is no reason for the next to do so.
  listing = listing.catch(() => undefined).then(bringInStep);
  return listing;
}

async function bringInStep(): Promise<void> {
  const models = await readStored();
  const kept = new Map(models.map((model) => [model.id, model]));
  const live = models.filter(({ removedAt }) => removedAt === undefined);
  hideRecords(({ place }) => place.kind === 'stored' && kept.get(place.model)?.removedAt !== undefined);
  const { removed } = useLibrary.getState();
  const gone = removed.filter(({ place }) => place.kind === 'stored' && !kept.has(place.model));
  if (gone.length > 0) await dropRemoved(gone);
  for (const { id } of live) {
    if (isListed(id)) continue;
    // It may have been removed since.
    const model = (await (await libraryPorts().store()).list()).find((other) => other.id === id);
    if (model && !isListed(id) && !isInTransit(id)) await list(model);
  }
}

const isOf = ({ place }: LibraryRecord, id: string) => place.kind === 'stored' && place.model === id;
const isListed = (id: string) => useLibrary.getState().entries.some(({ record }) => isOf(record, id));

/** Puts a model on the list, as another tab has it or as it is found to be. */
async function list(model: ListedModel): Promise<void> {
  const known = (await recordsOnDisk()).filter((record) => isOf(record, model.id));
  const live = known.find(({ removedAt }) => removedAt === undefined);
  if (live) return showRecord(live);
  // A tab put it back in the store, and ended before it could say so.
  if (known.length > 0) return void (await restoreRecord(known[0]));
  const record = await recordOf(model).catch((thrown) => refuse(model, thrown));
  if (!record) return;
  await addRecord(record);
  notify(texts.added(record.name));
}

/** What is wrong with a file itself, rather than with what was to look at it. */
const OF_FILE: readonly ErrorCode[] = ['corrupt', 'unsupported'];

/** What turns out to be of no use does not stay; what could not be looked at now is looked at again another time. */
async function refuse({ id, name, missing }: ListedModel, thrown: unknown): Promise<undefined> {
  const { code } = toEaselError(thrown);
  if (!OF_FILE.includes(code) || missing.length > 0) {
    notify(texts.downloadUnread(name, errorText(thrown)));
    return;
  }
  notify(texts.downloadUnusable(name, errorText(thrown)), undefined, { stays: true });
  await (await libraryPorts().store()).remove(id);
}

async function recordOf({ id, name, bytes, files }: ListedModel): Promise<LibraryRecord> {
  const place = { kind: 'stored', model: id } as const;
  const about = { v: 1, name, place, bytes, usedAt: Date.now() } as const;
  try {
    const blobs = await storedFiles(id);
    const source = { kind: 'folder', name, files: blobs } as const;
    if (files.length > 1) return await withUniqueName({ ...about, kind: 'model', id: `model:${name}` }, source);
    const report = await engine().identify({ name: `${name}.safetensors`, file: blobs[0].file });
    const { kind } = report;
    return await withUniqueName({ ...about, facts: factsOf(report), kind, id: `${kind}:${name}` }, source);
  } finally {
    releaseStored(id); // who only looks does not keep it from being removed
  }
}
