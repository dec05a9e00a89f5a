import { beforeEach, expect, it, vi } from 'vitest';
import { CATALOGUE } from '../../library/catalogue';
import { usePreferences } from '../settings/preferences';
import { type DownloadOffer, getEntry, takeOffer, useDownloads } from './downloads';
import { dismissFirst, getFirst, takeFirst } from './first-model';

vi.mock('./downloads', async (original) => ({
  ...(await original<typeof import('./downloads')>()),
  getEntry: vi.fn(),
  takeOffer: vi.fn(),
}));

const ENTRY = CATALOGUE.find(({ roughBytes }) => roughBytes !== undefined)!;
const BYTES = ENTRY.roughBytes as number;

/** What the site answers: all as the page said, but for some of it. */
function siteSays({
  licence = ENTRY.licence,
  ...other
}: {
  licence?: string;
  bytes?: number;
  lacksBytes?: number;
} = {}) {
  const origin = { page: 'https://huggingface.co/x/y', licence, files: [] };
  const request = { id: 'file:x/y', name: 'y', kind: 'file', origin };
  const offer: DownloadOffer = { request, bytes: BYTES, freeBytes: 2 * BYTES, lacksBytes: 0, ...other };
  vi.mocked(getEntry).mockImplementation(async () => useDownloads.setState({ offer }));
}

const started = () => vi.mocked(takeOffer).mock.calls.length;

beforeEach(() => {
  useDownloads.setState(useDownloads.getInitialState(), true);
  usePreferences.setState(usePreferences.getInitialState(), true);
  vi.mocked(takeOffer).mockReset();
});

it('begins at the first word where the site says what the page did', async () => {
  siteSays({ bytes: 1.01 * BYTES });
  await getFirst(ENTRY, 2 * BYTES);
  expect(started()).toBe(1);
  expect(usePreferences.getState().firstModel).toEqual({ dismissed: false, download: 'file:x/y' });
});

it.each([
  ['another size', { bytes: 1.2 * BYTES }, 2 * BYTES],
  ['no size', { bytes: undefined }, 2 * BYTES],
  ['another licence', { licence: 'other' }, 2 * BYTES],
  ['no room', { lacksBytes: BYTES / 2 }, 2 * BYTES],
  ['what the room is, which the page could not', {}, undefined],
])('waits for another word where the site says %s', async (_, says, shownFree) => {
  siteSays(says);
  await getFirst(ENTRY, shownFree);
  expect(started()).toBe(0);
  await takeFirst();
  expect(started()).toBe(1);
});

it('begins nothing where the site could not be asked', async () => {
  vi.mocked(getEntry).mockImplementation(async () => useDownloads.setState({ problem: 'The connection is gone.' }));
  await getFirst(ENTRY, 2 * BYTES);
  await takeFirst();
  expect(started()).toBe(0);
  expect(usePreferences.getState().firstModel.download).toBeUndefined();
});

it('is put away for good', () => {
  dismissFirst();
  expect(usePreferences.getState().firstModel.dismissed).toBe(true);
});
