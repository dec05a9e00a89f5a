import 'fake-indexeddb/auto';
import { beforeEach, expect, it, vi } from 'vitest';
import { undoNoticed, useNotices } from '../notices';
import { openDatabase } from '../persistence/database';
import { addToBoard, connectBoards, createBoardsDb, deleteBoard, takeOffBoard, useBoards } from './boards';

const database = openDatabase();
const boards = () => Object.fromEntries(useBoards.getState().boards);

beforeEach(async () => {
  await (await database.opened).clear('named');
  useBoards.setState({ boards: new Map() });
  useNotices.setState({ notices: [] });
  await connectBoards(createBoardsDb(database));
});

it('keeps results on boards, each once, over a reload; all of it is undone', async () => {
  addToBoard('foxes', ['a', 'b']);
  addToBoard('Best', ['a']);
  addToBoard('foxes', ['b', 'c']);
  expect(Object.entries(boards())).toEqual([
    ['Best', ['a']],
    ['foxes', ['a', 'b', 'c']],
  ]);
  expect(useNotices.getState().notices.at(-1)?.text).toBe('1 picture added to “foxes”.');
  takeOffBoard('foxes', ['a']);
  expect(boards().foxes).toEqual(['b', 'c']);
  undoNoticed();
  expect(boards().foxes).toEqual(['a', 'b', 'c']);
  deleteBoard('Best');
  expect(Object.keys(boards())).toEqual(['foxes']);
  await vi.waitFor(async () => expect(await (await database.opened).count('named')).toBe(1));
  useBoards.setState({ boards: new Map() });
  await connectBoards(createBoardsDb(database));
  expect(boards()).toEqual({ foxes: ['a', 'b', 'c'] });
});

it('leaves a board of a newer Easel on the disk, and says so', async () => {
  await (await database.opened).put('named', { v: 2, ids: [] }, ['board', 'newer']);
  await connectBoards(createBoardsDb(database));
  expect(boards()).toEqual({});
  expect(useNotices.getState().notices[0].text).toBe('1 board could not be read, and stays on the disk.');
  expect(await (await database.opened).count('named')).toBe(1);
});
