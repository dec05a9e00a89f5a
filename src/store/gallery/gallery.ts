import { create } from 'zustand';
import { toEaselError } from '../../core/errors';
import type { PaintedPicture } from '../../engine/protocol';
import { notify } from '../notices';
import { askForPersistence } from '../persistence/persistence';
import { tellUnreadable } from '../persistence/unreadable';
import { markSaved, markUnsaved, retryUnsaved } from '../persistence/unsaved';
import { changeSettings, replaceSettings } from '../settings/settings';
import { contentHash, type GalleryDb } from './gallery-db';
import type { ResultRecord } from './result-record';

/** A result as the page shows it. */
export interface Result {
  record: ResultRecord;
  png: Blob;
  /** Object URL of the PNG; lives as long as the page, since undo may bring the result back. */
  url: string;
  /** Whether it is on the disk, and so outlives the page. */
  saved: boolean;
}

export interface GalleryState {
  /** Newest first. */
  results: readonly Result[];
  /** False until the results of earlier visits are read. */
  loaded: boolean;
  /** What the stage shows: the painting of the moment (and each finished picture), or one chosen result. */
  shown: { kind: 'latest' } | { kind: 'result'; id: string };
}

const LATEST = { kind: 'latest' } as const;

export const useGallery = create<GalleryState>(() => ({ results: [], loaded: false, shown: LATEST }));

/** What brings a result to the disk; the record as it lies there then. */
type Write = () => Promise<ResultRecord>;

/** How long a picture waits to be saved before it shows as one that is not. */
const PATIENCE_MS = 3000;

let db: GalleryDb | undefined;
/** The highest number that a picture of this page has or had. */
let lastNumber = 0;
/** Results that are not on the disk yet, oldest first. */
const unsaved = new Map<string, Write>();
/** While they are being saved. */
let saving: Promise<void> | undefined;
/** Why the disk refused a result last. */
let refusal: string | undefined;

/** Connects the gallery to where results are kept and reads those of earlier visits. */
export async function connectGallery(database: GalleryDb): Promise<void> {
  db = database;
  try {
    const stored = await database.all(tellUnreadable('result'));
    // What was painted while they were read may be among them.
    const painted = new Set(useGallery.getState().results.map(({ record }) => record.id));
    const earlier = stored
      .filter(({ record }) => !painted.has(record.id))
      .map(({ record, png }) => resultOf(record, png));
    useGallery.setState(({ results }) => ({ results: [...results, ...earlier.reverse()], loaded: true }));
  } catch (thrown) {
    useGallery.setState({ loaded: true });
    const { code, message } = toEaselError(thrown);
    // The page says so itself.
    if (code !== 'no-storage') notify(`Results of earlier visits could not be read: ${message}`);
  }
}

function resultOf(record: ResultRecord, png: Blob, saved = true): Result {
  lastNumber = Math.max(lastNumber, record.number);
  return { record, png, url: URL.createObjectURL(png), saved };
}

/**
 * Keeps a painted picture and shows it: once it is on the disk, or as not saved where the disk refuses or takes its
 * time. What is not saved is tried again (see unsaved.ts).
 */
export async function addPicture(picture: PaintedPicture, model: string): Promise<Result> {
  const { png } = picture;
  let record = await recordOf(picture, model);
  unsaved.set(record.id, async () => {
    if (db) record = await db.add(record, png);
    return record;
  });
  await savedSoon();
  const result = resultOf(record, png, !unsaved.has(record.id));
  useGallery.setState(({ results }) => ({ results: [result, ...results] }));
  tellUnsaved();
  return result;
}

async function recordOf(picture: PaintedPicture, model: string): Promise<ResultRecord> {
  const { png, width, height, request, parameters, timings } = picture;
  const id = crypto.randomUUID();
  const hash = await contentHash(png);
  lastNumber++;
  return {
    v: 1,
    id,
    number: lastNumber,
    paintedAt: Date.now(),
    model,
    picture: hash,
    width,
    height,
    request,
    parameters,
    timings,
  };
}

/** Comes when all is saved or refused, and at once where others wait for the disk already. */
function savedSoon(): Promise<void> {
  const patience = useGallery.getState().results.some(({ saved }) => !saved) ? 0 : PATIENCE_MS;
  return Promise.race([saveAll(), new Promise<void>((resolve) => setTimeout(resolve, patience))]);
}

/** Saves what is not saved, oldest first, so that numbers go by age; also what comes meanwhile. */
function saveAll(): Promise<void> {
  if (unsaved.size === 0) return Promise.resolve();
  saving ??= saveEach();
  return saving;
}

async function saveEach(): Promise<void> {
  for (const [id, write] of unsaved) await save(id, write);
  saving = undefined;
}

async function save(id: string, write: Write): Promise<void> {
  try {
    const record = await write();
    refusal = undefined;
    if (unsaved.get(id) === write) {
      unsaved.delete(id);
      change(id, { record, saved: true });
      void askForPersistence();
    } else await db?.remove(record); // deleted meanwhile
  } catch (thrown) {
    refusal = toEaselError(thrown).message;
    change(id, { saved: false });
  }
}

function change(id: string, changed: Partial<Result>): void {
  useGallery.setState(({ results }) => ({
    results: results.map((result) => (result.record.id === id ? { ...result, ...changed } : result)),
  }));
  tellUnsaved();
}

/** One message for all results that are not saved. */
function tellUnsaved(): void {
  const count = useGallery.getState().results.filter(({ saved }) => !saved).length;
  if (count === 0) markSaved('results');
  else
    markUnsaved('results', {
      what: count === 1 ? '1 picture' : `${count} pictures`,
      why: refusal ?? 'The browser has not written all of it to the disk yet.',
      retry: () => void saveAll(),
    });
}

/** Shows one result on the stage. */
export function showResult(id: string): void {
  useGallery.setState({ shown: { kind: 'result', id } });
}

/** Back to what is being painted, and the newest picture after it. */
export function showLatest(): void {
  useGallery.setState({ shown: LATEST });
}

/** The result the stage shows when nothing is being painted there. */
export function shownResult({ results, shown }: GalleryState): Result | undefined {
  switch (shown.kind) {
    case 'latest':
      return results[0];
    case 'result':
      return results.find(({ record }) => record.id === shown.id) ?? results[0];
    default:
      return shown satisfies never;
  }
}

/** The result painted before this one, for comparing. */
export function resultBefore(id: string, { results }: GalleryState): Result | undefined {
  return results[results.findIndex(({ record }) => record.id === id) + 1];
}

/** Deletes at once, and offers to take it back. */
export async function deleteResult({ record: { id } }: Result): Promise<void> {
  const { results } = useGallery.getState();
  const at = results.findIndex(({ record }) => record.id === id);
  if (at < 0) return;
  const result = results[at];
  const write = unsaved.get(id);
  unsaved.delete(id);
  useGallery.setState({ results: results.toSpliced(at, 1), shown: neighbour(results, at) });
  tellUnsaved();
  notify('Picture deleted.', { label: 'Undo', run: () => void restoreResult(result, at, write) });
  if (write) return;
  await db?.remove(result.record).catch(report);
  // There may be room now for what was refused.
  retryUnsaved();
}

function neighbour(results: readonly Result[], at: number): GalleryState['shown'] {
  const next = results[at + 1] ?? results[at - 1];
  return at === 0 || !next ? LATEST : { kind: 'result', id: next.record.id };
}

/** @param write what would have saved it, where it was deleted before it was */
async function restoreResult(result: Result, at: number, write?: Write): Promise<void> {
  const { record, png } = result;
  const restore = async () => {
    await db?.restore(record, png);
    return record;
  };
  unsaved.set(record.id, write ?? restore);
  useGallery.setState(({ results }) => ({
    results: results.toSpliced(Math.min(at, results.length), 0, result),
    shown: { kind: 'result', id: record.id },
  }));
  tellUnsaved();
  await savedSoon();
  if (unsaved.has(record.id)) change(record.id, { saved: false });
}

function report(thrown: unknown): void {
  notify(`The results on disk could not be changed: ${toEaselError(thrown).message}`);
}

/** Fills the form with everything a result was painted with. */
export function reuseSettings({ record }: Result): void {
  replaceSettings(record.request);
  notify('Settings taken from the picture.');
}

/** Takes only the seed, to paint a variation in words. */
export function reuseSeed({ record }: Result): void {
  changeSettings({ seed: record.request.seed });
  notify(`Seed ${record.request.seed} is set.`);
}

/** Seed of the newest picture, for "recycle". */
export function lastSeed({ results }: GalleryState): number | undefined {
  return results[0]?.record.request.seed;
}
