import * as v from 'valibot';
import { create } from 'zustand';
import { texts } from '../../texts/store';
import { changeNamed, type NamedChange, takeUpNamed } from '../lists/keep-named';
import { createNamedDb, type NamedDb } from '../lists/named-db';
import { notify, undoBy } from '../notices';
import type { Database } from '../persistence/database';

/** A named set of results, by their ids, in the order in which they came to it; some may have been deleted since. */
export type Board = readonly string[];

/** The person's boards, by their names, in the order of those. */
export const useBoards = create<{ boards: ReadonlyMap<string, Board> }>(() => ({ boards: new Map() }));

let db: NamedDb<Board> | undefined;

const RecordSchema = v.object({ v: v.literal(1), ids: v.array(v.string()) });

/** The boards' place on the disk. */
export const createBoardsDb = (database: Database): NamedDb<Board> =>
  createNamedDb(database, {
    kind: 'board',
    write: (ids) => ({ v: 1, ids }),
    read: (record) => {
      const read = v.safeParse(RecordSchema, record);
      return read.success ? read.output.ids : undefined;
    },
  });

/** Takes up the boards of earlier visits and keeps every change from now on. */
export async function connectBoards(database: NamedDb<Board>): Promise<void> {
  db = database;
  const unread = { some: texts.boardsUnreadable, all: texts.boardsUnread };
  const earlier = await takeUpNamed(database, 'board', unread);
  show(new Map([...earlier, ...useBoards.getState().boards]));
}

function show(boards: ReadonlyMap<string, Board>): void {
  const sorted = [...boards].sort(([a], [b]) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
  useBoards.setState({ boards: new Map(sorted) });
}

function change(changes: Iterable<NamedChange<Board>>): void {
  show(changeNamed(useBoards.getState().boards, changes, { db, kind: 'board', labelOf: texts.theBoard }));
}

/** Changes a board, which is made where there is none of the name, and offers to take that back. */
function changeWithUndo(name: string, ids: Board | undefined, message: string): void {
  const before = useBoards.getState().boards.get(name);
  change([[name, ids]]);
  notify(
    message,
    undoBy(() => change([[name, before]])),
  );
}

/** Puts results on a board, each once. */
export function addToBoard(name: string, ids: readonly string[]): void {
  const before = useBoards.getState().boards.get(name) ?? [];
  const all = new Set([...before, ...ids]);
  changeWithUndo(name, [...all], texts.addedToBoard(all.size - before.length, name));
}

/** Takes results off a board; they stay among the results. */
export function takeOffBoard(name: string, ids: readonly string[]): void {
  const before = useBoards.getState().boards.get(name) ?? [];
  const left = before.filter((id) => !ids.includes(id));
  changeWithUndo(name, left, texts.takenOffBoard(before.length - left.length, name));
}

/** Deletes a board; its results stay. */
export function deleteBoard(name: string): void {
  changeWithUndo(name, undefined, texts.boardDeleted(name));
}
