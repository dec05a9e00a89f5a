import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { EaselError, said } from '../../core/errors';
import { batchOf } from '../../jobs/fixtures/grids';
import type { Grid } from '../../jobs/grid';
import { resetJobs } from '../fixtures/reset-jobs';
import { useNotices } from '../notices';
import { unsavedMessage, useUnsaved } from '../persistence/unsaved';
import { queue } from './jobs';
import { persistJobs } from './persist-jobs';
import type { QueueDb } from './queue-db';

let stop: () => void;
const forget = vi.fn(async () => undefined);
/** What is on the disk, by ids. */
let saved: string[];
let refusal: EaselError | undefined;

const db = (earlier: readonly Grid[]): QueueDb => ({
  earlier: async () => ({ grids: earlier, forget }),
  async save(grids) {
    if (refusal) throw refusal;
    saved = grids.map(({ parent }) => parent.id);
  },
});

beforeEach(() => {
  resetJobs();
  useNotices.setState({ notices: [] });
  useUnsaved.setState(useUnsaved.getInitialState(), true);
  forget.mockClear();
  [saved, refusal] = [[], undefined];
});

afterEach(() => stop());

const notices = () => useNotices.getState().notices;
const asked = async (...earlier: Grid[]) => {
  stop = persistJobs(db(earlier));
  await vi.waitFor(() => expect(notices()).toHaveLength(1));
  return notices()[0];
};
const waiting = () => queue.state.waiting.map(({ parent }) => parent.id);

it('asks before it goes on with what an earlier visit left, behind what was asked for since', async () => {
  queue.enqueue(batchOf('new'));
  const notice = await asked(batchOf('one'), batchOf('two', 3));
  expect([notice.text, notice.stays]).toEqual(['2 queued requests are waiting from your last visit.', true]);
  expect(waiting()).toEqual(['new']);
  notice.action?.run();
  expect(waiting()).toEqual(['new', 'one', 'two']);
  expect(forget).toHaveBeenCalledTimes(1);
  await vi.waitFor(() => expect(saved).toEqual(['new', 'one', 'two']));
});

it('discards it where that is wished, and can take that back', async () => {
  const notice = await asked(batchOf('one'));
  expect(notice.text).toBe('1 queued request is waiting from your last visit.');
  notice.second?.run();
  expect([waiting(), forget.mock.calls.length]).toEqual([[], 1]);
  notices()[1].action?.run();
  expect(waiting()).toEqual(['one']);
});

it('asks nothing where nothing was left', async () => {
  stop = persistJobs(db([]));
  queue.enqueue(batchOf('a'));
  await vi.waitFor(() => expect(saved).toEqual(['a']));
  expect(notices()).toEqual([]);
});

it('says that the queue is not saved only while something waits', async () => {
  refusal = new EaselError('quota', said`The disk is full.`);
  stop = persistJobs(db([]));
  queue.enqueue(batchOf('a'));
  await vi.waitFor(() => expect(unsavedMessage(useUnsaved.getState())).toBe('Not saved: the queue. The disk is full.'));
  queue.take();
  await vi.waitFor(() => expect(unsavedMessage(useUnsaved.getState())).toBeUndefined());
});
