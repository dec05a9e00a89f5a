import { create } from 'zustand';
import { EaselError, said, toEaselError } from '../../core/errors';
import { templatesIn } from '../../core/request/dynamic-prompts';
import type { Origin } from '../../core/request/recipe';
import type { PaintedPicture } from '../../engine/protocol';
import { errorText } from '../../texts/errors';
import { texts } from '../../texts/store';
import { texts as studio } from '../../texts/studio';
import { notify, undoBy } from '../notices';
import { tellUnreadable } from '../persistence/database';
import { markSaved, markUnsaved, retryUnsaved } from '../persistence/unsaved';
import { askForPersistence } from '../settings/persistence';
import { rememberPrompt } from '../settings/prompt-history';
import { changeSettings, changeWithUndo, replaceSettings, useSettings } from '../settings/settings';
import { contentHash, type GalleryDb, type StoredResult } from './gallery-db';
import type { ResultRecord } from './result-record';
import { makeThumbnail } from './thumbnail';

/** A picture in full, as it is shown and downloaded. */
export interface OpenPicture {
  png: Blob;
  /** Object URL of the PNG; lives as long as the page, since undo may bring the result back. */
  url: string;
}

/** A result that was read. */
export interface Result {
  record: ResultRecord;
  /** Address of what the strip shows: a small picture, or the whole one until there is that. */
  thumbnail: string;
  /** From when it was first opened. */
  picture?: OpenPicture;
  /** Whether it is on the disk, and so outlives the page. */
  saved: boolean;
}

export interface GalleryState {
  /** Of all results, newest first. */
  ids: readonly string[];
  /** Those that the page shows or has shown, by id; the others are on the disk alone. */
  results: Readonly<Record<string, Result>>;
  /** False until it is known which results there are, and the newest is read. */
  loaded: boolean;
  /** What the stage shows: the painting of the moment (and each finished picture), or one chosen result. */
  shown: { kind: 'latest' } | { kind: 'result'; id: string };
}

const LATEST = { kind: 'latest' } as const;

export const useGallery = create<GalleryState>(() => ({ ids: [], results: {}, loaded: false, shown: LATEST }));

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

let shrink = makeThumbnail;

/**
 * Connects the gallery to where results are kept and learns which there are from earlier visits. They are read when
 * they are shown.
 */
export async function connectGallery(database: GalleryDb, thumbnailOf = makeThumbnail): Promise<void> {
  db = database;
  shrink = thumbnailOf;
  try {
    const stored = await database.list();
    lastNumber = Math.max(lastNumber, stored.lastNumber);
    unlisted = stored.unreadable;
    if (unlisted > 0) tellUnreadable('results', texts.resultsUnreadable)(unlisted);
    // What was painted meanwhile may be among them.
    const painted = new Set(useGallery.getState().ids);
    const earlier = stored.ids.filter((id) => !painted.has(id)).reverse();
    useGallery.setState(({ ids }) => ({ ids: [...ids, ...earlier] }));
    while (!isNewestRead()) await read(useGallery.getState().ids.slice(0, FIRST));
  } catch (thrown) {
    tellUnread(thrown);
  } finally {
    useGallery.setState({ loaded: true });
  }
}

/** Results that cannot even be listed, and those that could not be read so far, as they came into sight. */
let unlisted = 0;
const unreadable = new Set<string>();

function tellLeftOut(found: readonly string[]): void {
  const before = unreadable.size;
  for (const id of found) unreadable.add(id);
  if (unreadable.size > before) tellUnreadable('results', texts.resultsUnreadable)(unlisted + unreadable.size);
}

/** How many results are read before the page shows any. */
const FIRST = 4;

function isNewestRead(): boolean {
  const { ids, results } = useGallery.getState();
  return ids.length === 0 || results[ids[0]] !== undefined;
}

function tellUnread(thrown: unknown): void {
  const { code } = toEaselError(thrown);
  // The page says so itself.
  if (code !== 'no-storage') notify(texts.resultsUnread(errorText(thrown)));
}

/** All records as they lie on the disk, newest first, some at a time; nothing is checked. */
export const storedRecords = (): AsyncIterable<readonly unknown[]> | readonly unknown[][] => db?.records() ?? [];

/** The highest number that a result has or had. */
export const lastResultNumber = (): number => lastNumber;

/** Ids of the results on the disk with a higher number, oldest first. */
export const resultsAfter = async (number: number): Promise<readonly string[]> => (await db?.after(number)) ?? [];

/** What is being read or will be, and what of it will be. */
const asked = new Set<string>();
const next: string[] = [];
let isReading = false;

/** As many are read at a time: showing more of them at once would hold up a page that is being scrolled. */
const READ_TOGETHER = 24;

/** Reads a result that the page is about to show, together with the others that it asks for at the same time. */
export function readResult(id: string): void {
  if (asked.has(id)) return;
  asked.add(id);
  next.push(id);
  if (isReading) return;
  isReading = true;
  queueMicrotask(() => void readNext());
}

/** What was asked for last comes first: the others may be out of sight again. */
async function readNext(): Promise<void> {
  while (next.length > 0) {
    const ids = next.splice(-READ_TOGETHER);
    await read(ids).catch(tellUnread);
    for (const id of ids) asked.delete(id);
  }
  isReading = false;
}

/** Those that turn out to be gone or damaged leave the list. */
async function read(wanted: readonly string[]): Promise<void> {
  const stored = (await db?.read(wanted)) ?? new Map<string, StoredResult | 'unreadable'>();
  const found: Record<string, Result> = {};
  for (const [id, result] of stored) if (result !== 'unreadable') found[id] = resultOf(result);
  const lost = new Set(wanted.filter((id) => !found[id]));
  useGallery.setState(({ ids, results }) => ({
    ids: lost.size === 0 ? ids : ids.filter((id) => !lost.has(id) || results[id]),
    results: { ...found, ...results },
  }));
  tellLeftOut([...stored.keys()].filter((id) => stored.get(id) === 'unreadable'));
  for (const result of Object.values(found)) if (result.picture) addThumbnail(result.record, result.picture.png);
}

function resultOf({ record, thumbnail, png }: StoredResult): Result {
  if (thumbnail) return { record, thumbnail: URL.createObjectURL(thumbnail), saved: true };
  const picture = pictureOf(png);
  return { record, thumbnail: picture.url, picture, saved: true };
}

const pictureOf = (png: Blob): OpenPicture => ({ png, url: URL.createObjectURL(png) });

let shrinking: Promise<void> = Promise.resolve();

/** One after another, so that they hold up nothing; where there can be none, the picture itself stands in. */
function addThumbnail(record: ResultRecord, png: Blob): void {
  shrinking = shrinking.then(async () => {
    try {
      const thumbnail = await shrink(png);
      change(record.id, { thumbnail: URL.createObjectURL(thumbnail) });
      await db?.addThumbnail(record, thumbnail);
    } catch {}
  });
}

/** A result's record and its PNG, which the page does not keep; undefined where they cannot be read. */
export async function storedPicture(id: string): Promise<{ record: ResultRecord; png: Blob } | undefined> {
  const known = useGallery.getState().results[id];
  if (known?.picture) return { record: known.record, png: known.picture.png };
  const stored = (await db?.read([id]))?.get(id);
  if (!stored || stored === 'unreadable') return undefined;
  const png = stored.png ?? (await db?.picture(stored.record));
  return png && { record: stored.record, png };
}

/** Reads a result's picture; undefined, with a message, where it cannot be. */
export async function openPicture(record: ResultRecord): Promise<OpenPicture | undefined> {
  const opened = () => useGallery.getState().results[record.id]?.picture;
  const known = opened();
  if (known) return known;
  try {
    const png = await db?.picture(record);
    if (!png) throw new EaselError('corrupt', said`it is no longer on the disk.`);
    const picture = opened() ?? pictureOf(png);
    change(record.id, { picture });
    return picture;
  } catch (thrown) {
    notify(texts.pictureUnread(record.number, errorText(thrown)));
    return undefined;
  }
}

/**
 * Keeps a painted picture and shows it: once it is on the disk, or as not saved where the disk refuses or takes its
 * time. What is not saved is tried again (see unsaved.ts).
 * @param origin the result that it was made of, if of one
 */
export async function addPicture(picture: PaintedPicture, model: string, origin?: Origin): Promise<Result> {
  const { png } = picture;
  let record = { ...(await recordOf(picture, model)), ...(origin && { origin }) };
  unsaved.set(record.id, async () => {
    if (db) record = await db.add(record, png);
    return record;
  });
  await savedSoon();
  const opened = pictureOf(png);
  const result: Result = { record, thumbnail: opened.url, picture: opened, saved: !unsaved.has(record.id) };
  lastNumber = Math.max(lastNumber, record.number);
  useGallery.setState(({ ids, results }) => ({
    ids: [record.id, ...ids],
    results: { ...results, [record.id]: result },
  }));
  addThumbnail(record, png);
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
  const patience = unsavedCount() > 0 ? 0 : PATIENCE_MS;
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
      const favourite = useGallery.getState().results[id]?.record.favourite;
      change(id, { record: { ...record, favourite }, saved: true });
      if (favourite !== record.favourite) await db?.mark([id], favourite === true);
      void askForPersistence();
    } else await db?.remove([record]); // deleted meanwhile
  } catch (thrown) {
    refusal = errorText(thrown);
    change(id, { saved: false });
  }
}

function change(id: string, changed: Partial<Result>): void {
  useGallery.setState(({ results }) =>
    results[id] ? { results: { ...results, [id]: { ...results[id], ...changed } } } : {},
  );
  tellUnsaved();
}

const unsavedCount = () => Object.values(useGallery.getState().results).filter(({ saved }) => !saved).length;

/** One message for all results that are not saved. */
function tellUnsaved(): void {
  const count = unsavedCount();
  if (count === 0) markSaved('results');
  else
    markUnsaved('results', {
      what: texts.pictures(count),
      why: refusal ?? texts.notWritten,
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

/** Id of the result that the stage shows when nothing is being painted there. */
export function shownId({ ids, shown }: GalleryState): string | undefined {
  switch (shown.kind) {
    case 'latest':
      return ids[0];
    case 'result':
      return ids.includes(shown.id) ? shown.id : ids[0];
    default:
      return shown satisfies never;
  }
}

/** Id of the result painted before this one, for comparing. */
export function idBefore(id: string, { ids }: GalleryState): string | undefined {
  return ids[ids.indexOf(id) + 1];
}

/** A result that is being deleted, with what brings it back. */
interface Deleted {
  id: string;
  /** Its place among all. */
  at: number;
  /** Where it was read. */
  result: Result | undefined;
  /** What would have saved it, where it was deleted before it was. */
  write: Write | undefined;
}

/** Deletes results at once, and offers to take it back. */
export async function deleteResults(chosen: Iterable<string>): Promise<void> {
  const { ids, results } = useGallery.getState();
  const gone = new Set(chosen);
  const deleted = ids.flatMap((id, at): Deleted[] =>
    gone.has(id) ? [{ id, at, result: results[id], write: unsaved.get(id) }] : [],
  );
  if (deleted.length === 0) return;
  for (const { id } of deleted) unsaved.delete(id);
  const reading = readWhole(deleted);
  const left = ids.filter((id) => !gone.has(id));
  useGallery.setState({
    ids: left,
    results: Object.fromEntries(Object.entries(results).filter(([id]) => !gone.has(id))),
    shown: neighbour(left, deleted[0].at),
  });
  tellUnsaved();
  const removing = removeFromDisk(deleted, reading);
  notify(
    texts.picturesDeleted(deleted.length),
    undoBy(() => void restoreResults(deleted, reading, removing)),
  );
  await removing;
}

/** How many pictures are read at a time. */
const AT_A_TIME = 50;

/** An undo needs the pictures, which are read before they go: the browser keeps the bytes, not the page. */
async function readWhole(deleted: readonly Deleted[]): Promise<ReadonlyMap<string, Result>> {
  const whole = new Map<string, Result>();
  const readOne = async ({ id, result }: Deleted, stored: StoredResult | 'unreadable' = 'unreadable') => {
    const found = result ?? (stored === 'unreadable' ? undefined : resultOf(stored));
    if (found) whole.set(id, { ...found, picture: await openPicture(found.record) });
  };
  for (let from = 0; from < deleted.length; from += AT_A_TIME) {
    const some = deleted.slice(from, from + AT_A_TIME);
    const unread = some.filter(({ result }) => !result).map(({ id }) => id);
    const stored = unread.length > 0 ? await db?.read(unread) : undefined;
    await Promise.all(some.map((one) => readOne(one, stored?.get(one.id))));
  }
  return whole;
}

async function removeFromDisk(deleted: readonly Deleted[], reading: ReturnType<typeof readWhole>): Promise<void> {
  try {
    const whole = await reading;
    const stored = deleted.filter(({ write }) => !write).flatMap(({ id }) => whole.get(id)?.record ?? []);
    if (stored.length > 0) await db?.remove(stored);
  } catch (thrown) {
    report(thrown);
  }
  // There may be room now for what was refused.
  if (deleted.some(({ write }) => !write)) retryUnsaved();
}

function neighbour(left: readonly string[], at: number): GalleryState['shown'] {
  const id = left[at] ?? left[at - 1];
  return at === 0 || id === undefined ? LATEST : { kind: 'result', id };
}

/** Brings back what can be: to the page as it was, and to the disk. */
async function restoreResults(
  deleted: readonly Deleted[],
  reading: ReturnType<typeof readWhole>,
  removing: Promise<void>,
): Promise<void> {
  const whole = await reading.catch(() => new Map<string, Result>());
  const back = deleted.filter(({ id }) => whole.has(id));
  if (back.length === 0) return;
  for (const { id, write } of back) {
    const { record, picture } = whole.get(id) as Result;
    const restore = async () => {
      await removing;
      if (picture) await db?.restore(record, picture.png);
      return record;
    };
    unsaved.set(id, write ?? restore);
  }
  useGallery.setState(({ ids, results }) => {
    const all = [...ids];
    for (const { id, at } of back) all.splice(at, 0, id);
    const restored = Object.fromEntries(back.map(({ id }) => [id, whole.get(id) as Result]));
    return { ids: all, results: { ...results, ...restored }, shown: { kind: 'result', id: back[0].id } };
  });
  tellUnsaved();
  await savedSoon();
  for (const { id } of back) if (unsaved.has(id)) change(id, { saved: false });
}

/** Marks results as favourites, or no longer; the mark is kept with them. @returns whether the disk took it */
export async function markFavourites(ids: readonly string[], favourite: boolean): Promise<boolean> {
  const { results: before } = useGallery.getState();
  showMarks(ids, () => favourite);
  try {
    // What is not saved yet is marked when it is.
    await db?.mark(ids, favourite);
    return true;
  } catch (thrown) {
    showMarks(ids, (id) => before[id]?.record.favourite);
    report(thrown);
    return false;
  }
}

function showMarks(ids: readonly string[], markOf: (id: string) => boolean | undefined): void {
  useGallery.setState(({ results }) => {
    const marked = (id: string) => ({ ...results[id], record: { ...results[id].record, favourite: markOf(id) } });
    const known = ids.filter((id) => results[id]);
    return { results: { ...results, ...Object.fromEntries(known.map((id) => [id, marked(id)])) } };
  });
}

function report(thrown: unknown): void {
  notify(texts.resultsUnchanged(errorText(thrown)));
}

/** Fills the form with everything a result was painted with; the old settings can be put back. */
export function reuseSettings({ record }: Pick<Result, 'record'>): void {
  rememberPrompt(useSettings.getState().values.prompt);
  const template = templatesIn(record.request);
  const useTemplate = template && { label: studio.useTemplate, run: () => changeSettings(template) };
  changeWithUndo(texts.settingsTaken, () => replaceSettings(record.request), useTemplate);
}

/** Takes only the seed, to paint a variation in words. */
export function reuseSeed({ record }: Pick<Result, 'record'>): void {
  changeSettings({ seed: record.request.seed });
  notify(texts.seedIsSet(record.request.seed));
}

/** The newest result, where it was read. */
export function newestResult({ ids, results }: GalleryState): Result | undefined {
  return results[ids[0]];
}
