import { unzipSync } from 'fflate';
import { beforeEach, expect, it } from 'vitest';
import { fakePicture } from '../fixtures/fake-engine';
import { useNotices } from '../notices';
import { usePreferences } from '../settings/preferences';
import { addPicture, useGallery } from './gallery';
import { saveArchive } from './save-archive';

beforeEach(() => {
  useGallery.setState(useGallery.getInitialState(), true);
  useNotices.setState({ notices: [] });
  usePreferences.setState({ namePattern: 'fox [steps]' });
});

/** What the archives hold, by their names. */
async function saved(ids: readonly string[], zipBytes?: number) {
  const archives: [string, Blob][] = [];
  await saveArchive(ids, (file, name) => archives.push([name, file]), zipBytes);
  return Promise.all(
    archives.map(async ([name, file]) => {
      const files = unzipSync(new Uint8Array(await file.arrayBuffer()));
      return [name, Object.entries(files).map(([path, bytes]) => `${path}: ${new TextDecoder().decode(bytes)}`)];
    }),
  );
}

const notices = () => useNotices.getState().notices.map(({ text }) => text);

it('packs results under their names, each once, and into several files where one has no room', async () => {
  for (const seed of [1, 2, 3]) await addPicture(fakePicture(seed), 'A');
  const { ids } = useGallery.getState();
  const { steps } = fakePicture(1).request;
  const three = [`fox ${steps}.png: 3`, `fox ${steps} (2).png: 2`, `fox ${steps} (3).png: 1`];
  expect(await saved(ids)).toEqual([['easel-results.zip', three]]);
  expect(notices()).toEqual(['3 pictures saved as a ZIP.']);
  expect(await saved(ids, 1)).toEqual([
    ['easel-results.zip', three.slice(0, 1)],
    ['easel-results-2.zip', three.slice(1, 2)],
    ['easel-results-3.zip', three.slice(2)],
  ]);
});

it('leaves out what cannot be read, and says how much and why', async () => {
  await addPicture(fakePicture(1), 'A');
  const [[, files]] = await saved([...useGallery.getState().ids, 'gone']);
  expect(files).toHaveLength(1);
  expect(notices()).toEqual(['1 of 2 pictures could not be put in the ZIP.']);
  expect(useNotices.getState().notices[0].details?.lines).toEqual(['A picture is no longer on the disk.']);
});
