import 'fake-indexeddb/auto';
import { beforeEach, expect, it, vi } from 'vitest';
import { useNotices } from '../notices';
import { openDatabase } from '../persistence/database';
import { addTags, connectTags, createTagsDb, deleteTags, useTags } from './tags';

const db = createTagsDb(openDatabase());
const counts = () => Object.fromEntries(useTags.getState().counts);
const found = (begun: string) =>
  useTags
    .getState()
    .index.beginningWith(begun, 9)
    .map(({ label }) => label);
const last = () => useNotices.getState().notices.at(-1);
const csv = (name: string, text: string) => new File([text], name);

beforeEach(async () => {
  useNotices.setState({ notices: [] });
  await connectTags(db);
});

it('completes by a list that was dropped, keeps it, and takes it back with Undo', async () => {
  await addTags(csv('danbooru.csv', 'blue_eyes,0,12,\nblue_sky,0,30,sky_blue\n'));
  expect(last()?.text).toBe('danbooru.csv: 2 tags are completed as you type.');
  expect(found('blue')).toEqual(['blue sky', 'blue eyes']);
  await addTags(csv('mine.csv', 'blues\n'));
  expect(counts()).toEqual({ 'danbooru.csv': 2, 'mine.csv': 1 });
  last()?.action?.run();
  await vi.waitFor(() => expect(counts()).toEqual({ 'danbooru.csv': 2 }));
  await vi.waitFor(async () => expect([...(await db.all(() => undefined)).keys()]).toEqual(['danbooru.csv']));
  await deleteTags('danbooru.csv');
  expect(found('blue')).toEqual([]);
  last()?.action?.run();
  await vi.waitFor(() => expect(found('sky')).toEqual(['blue sky']));
});

it.each([
  ['a quote that is never closed', 'a,0,1,\nb,0,2,"c\n', 'x.csv: A quote in line 2 is never closed.'],
  ['no tags at all', ',,\n', 'x.csv: there are no tags in it.'],
])('says in a sentence what is wrong, and leaves what there is: %s', async (_, text, message) => {
  const before = counts();
  await addTags(csv('x.csv', text));
  expect(last()?.text).toMatch(message);
  expect(counts()).toEqual(before);
});
