import { create } from 'zustand';
import { toEaselError } from '../core/errors';
import type { PaintedPicture } from '../engine/protocol';
import { contentHash, type GalleryDb } from './gallery-db';
import { notify } from './notices';
import type { ResultRecord } from './result-record';
import { changeSettings } from './settings';

/** A result as the page shows it. */
export interface Result {
  record: ResultRecord;
  png: Blob;
  /** Object URL of the PNG; lives as long as the page, since undo may bring the result back. */
  url: string;
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

let db: GalleryDb | undefined;

/** Connects the gallery to where results are kept and reads those of earlier visits. */
export async function connectGallery(database: GalleryDb): Promise<void> {
  db = database;
  try {
    const stored = await database.all();
    const earlier = stored.map(({ record, png }) => resultOf(record, png)).reverse();
    useGallery.setState(({ results }) => ({ results: [...results, ...earlier], loaded: true }));
  } catch (thrown) {
    useGallery.setState({ loaded: true });
    const { code, message } = toEaselError(thrown);
    if (code !== 'no-storage') notify(`Results of earlier visits could not be read: ${message}`); // the page says so itself
  }
}

function resultOf(record: ResultRecord, png: Blob): Result {
  return { record, png, url: URL.createObjectURL(png) };
}

/** Keeps a painted picture. When the disk refuses, the picture still stands on the page and the person is told to save it. */
export async function addPicture(picture: PaintedPicture, model: string): Promise<Result> {
  const draft = await draftOf(picture, model);
  const record = await stored(draft, picture.png);
  const result = resultOf(record, picture.png);
  useGallery.setState(({ results }) => ({ results: [result, ...results] }));
  return result;
}

async function draftOf(picture: PaintedPicture, model: string): Promise<Omit<ResultRecord, 'number'>> {
  const { png, width, height, request, parameters, timings } = picture;
  const id = crypto.randomUUID();
  return {
    v: 1,
    id,
    paintedAt: Date.now(),
    model,
    picture: await contentHash(png),
    width,
    height,
    request,
    parameters,
    timings,
  };
}

async function stored(draft: Omit<ResultRecord, 'number'>, png: Blob): Promise<ResultRecord> {
  try {
    if (db) return await db.add(draft, png);
  } catch (thrown) {
    notify(`This picture will not survive a reload; download it to keep it. ${toEaselError(thrown).message}`);
  }
  return { ...draft, number: nextNumber(useGallery.getState().results) };
}

function nextNumber(results: readonly Result[]): number {
  return Math.max(0, ...results.map(({ record }) => record.number)) + 1;
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
export async function deleteResult(result: Result): Promise<void> {
  const { results } = useGallery.getState();
  const at = results.indexOf(result);
  if (at < 0) return;
  useGallery.setState({ results: results.toSpliced(at, 1), shown: neighbour(results, at) });
  notify('Picture deleted.', { label: 'Undo', run: () => void restoreResult(result, at) });
  await db?.remove(result.record).catch(report);
}

function neighbour(results: readonly Result[], at: number): GalleryState['shown'] {
  const next = results[at + 1] ?? results[at - 1];
  return at === 0 || !next ? LATEST : { kind: 'result', id: next.record.id };
}

async function restoreResult(result: Result, at: number): Promise<void> {
  useGallery.setState(({ results }) => ({
    results: results.toSpliced(Math.min(at, results.length), 0, result),
    shown: { kind: 'result', id: result.record.id },
  }));
  await db?.restore(result.record, result.png).catch(report);
}

function report(thrown: unknown): void {
  notify(`The results on disk could not be changed: ${toEaselError(thrown).message}`);
}

/** Fills the form with everything a result was painted with. */
export function reuseSettings({ record }: Result): void {
  changeSettings({ eta: undefined, ...record.request });
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
