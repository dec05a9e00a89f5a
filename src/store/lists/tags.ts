import * as v from 'valibot';
import { create } from 'zustand';
import { EaselError, said } from '../../core/errors';
import { csvRows } from '../../core/text/csv';
import { TagIndex, tagOf } from '../../core/text/tags';
import { errorText } from '../../texts/errors';
import { texts } from '../../texts/studio';
import { notify, undoBy } from '../notices';
import type { Database } from '../persistence/database';
import { changeNamed, keepNamed, takeUpNamed } from './keep-named';
import { createNamedDb, type NamedDb } from './named-db';

interface TagsState {
  /** How many tags each list has, by its file's name. */
  counts: ReadonlyMap<string, number>;
  /** All of them together. */
  index: TagIndex;
}

/** The person's tag lists, for completion. */
export const useTags = create<TagsState>(() => ({ counts: new Map(), index: new TagIndex() }));

let db: NamedDb<string> | undefined;

/** The files as they were dropped, by their names. */
let files: ReadonlyMap<string, string> = new Map();

const RecordSchema = v.object({ v: v.literal(1), csv: v.string() });

/** The tag lists' place on the disk. */
export const createTagsDb = (database: Database): NamedDb<string> =>
  createNamedDb(database, {
    kind: 'tags',
    write: (csv) => ({ v: 1, csv }),
    read: (record) => {
      const read = v.safeParse(RecordSchema, record);
      return read.success ? read.output.csv : undefined;
    },
  });

/** Takes up the lists of earlier visits and keeps every change from now on. */
export async function connectTags(database: NamedDb<string>): Promise<void> {
  db = database;
  const earlier = await takeUpNamed(database, 'tags', texts.tagListsUnread);
  await show(new Map([...earlier, ...files]));
}

/** So many rows are taken at a time: a few milliseconds of the page's. */
const ROWS = 5000;

const rest = () => new Promise((resolve) => setTimeout(resolve));

let shown = 0;

/** Reads lists anew, bit by bit, so that nothing waits for it; of two calls the later one counts. */
async function show(lists: ReadonlyMap<string, string>): Promise<void> {
  files = lists;
  const turn = ++shown;
  const [index, counts] = [new TagIndex(), new Map<string, number>()];
  for (const [name, csv] of lists) {
    const before = index.size;
    let rows = 0;
    for (const row of csvRows(csv)) {
      const tag = tagOf(row);
      if (tag) index.add(tag);
      if (++rows % ROWS > 0) continue;
      await rest();
      if (turn !== shown) return;
    }
    counts.set(name, index.size - before);
  }
  for (const _ of index.sort()) {
    await rest();
    if (turn !== shown) return;
  }
  useTags.setState({ counts, index });
}

/** Adds a list, in place of one of the same name; what is no list is told in a sentence, and changes nothing. */
export async function addTags(file: File): Promise<void> {
  const { name } = file;
  const before = files;
  try {
    const csv = await file.text();
    await show(new Map([...before, [name, csv]]));
    const count = useTags.getState().counts.get(name) ?? 0;
    if (count === 0) throw new EaselError('unsupported', said`${texts.noTags}`);
    keepNamed(db, { kind: 'tags', label: texts.tagList(name), name, value: csv });
    notify(
      texts.addedTags(name, count),
      undoBy(() => void restore(name, before.get(name))),
    );
  } catch (thrown) {
    await show(before);
    notify(texts.brokenList(name, errorText(thrown)));
  }
}

async function restore(name: string, csv: string | undefined): Promise<void> {
  await show(changeNamed(files, [[name, csv]], { db, kind: 'tags', labelOf: texts.tagList }));
}

/** Deletes a list, and offers to take it back. */
export async function deleteTags(name: string): Promise<void> {
  const csv = files.get(name);
  if (csv === undefined) return;
  await restore(name, undefined);
  notify(
    texts.deletedTags(name),
    undoBy(() => void restore(name, csv)),
  );
}
