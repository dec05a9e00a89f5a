import { beforeEach, expect, it, vi } from 'vitest';
import { MemoryCaches } from '../../offline/fixtures/memory-caches';
import { keepShared } from '../../offline/shared-items';
import { openOnCanvas } from '../canvas/canvas';
import { useNotices } from '../notices';
import { resetSettings, useSettings } from '../settings/settings';
import { startImport } from './imports';
import { takeLaunch } from './launch';

vi.mock('../canvas/canvas', () => ({ openOnCanvas: vi.fn(async () => true) }));
vi.mock('./imports', () => ({ startImport: vi.fn(async () => undefined) }));

const onCanvas = vi.fn();
let caches: CacheStorage;
let launch: ((params: { files: readonly unknown[] }) => unknown) | undefined;

/** The page as it opens. */
function openPage(search: string) {
  vi.stubGlobal('window', { launchQueue: { setConsumer: (consumer: typeof launch) => (launch = consumer) } });
  vi.stubGlobal('location', { search, pathname: '/easel/', hash: '' });
  vi.stubGlobal('history', { state: null, replaceState: vi.fn() });
}

beforeEach(() => {
  vi.clearAllMocks();
  resetSettings();
  useNotices.setState({ notices: [] });
  caches = new MemoryCaches() as unknown as CacheStorage;
  vi.stubGlobal('caches', caches);
});

const handleOf = (file: File) => ({ kind: 'file', name: file.name, getFile: async () => file }) as never;

it('uses files that the system opens with the page as if they were dropped', async () => {
  openPage('');
  await takeLaunch(onCanvas);
  const picture = new File(['x'], 'fox.png', { type: 'image/png' });
  await launch?.({ files: [handleOf(picture)] });
  expect(openOnCanvas).toHaveBeenCalledWith(picture, 'fox.png');
  expect(onCanvas).toHaveBeenCalledOnce();
  const model = new File(['x'], 'mine.safetensors');
  const handle = handleOf(model);
  await launch?.({ files: [handle] });
  expect(startImport).toHaveBeenCalledWith([{ file: model, handle }], true, []);
  await launch?.({ files: [] }); // opened with nothing
  expect(onCanvas).toHaveBeenCalledOnce();
});

it('takes what was shared, once: a picture on the canvas, text as the prompt, which can be undone', async () => {
  const form = new FormData();
  form.append('text', 'a fox');
  form.append('files', new File(['x'], 'fox.png', { type: 'image/png' }));
  await keepShared(form, caches, 'https://host.example/easel/');
  useSettings.setState(({ values }) => ({ values: { ...values, prompt: 'mine' } }));
  openPage('?shared');
  await takeLaunch(onCanvas);
  expect(useSettings.getState().values.prompt).toBe('a fox');
  expect(openOnCanvas).toHaveBeenCalledWith(expect.objectContaining({ name: 'fox.png' }), 'fox.png');
  expect(history.replaceState).toHaveBeenCalledWith(null, '', '/easel/');
  useNotices.getState().notices[0].action?.run();
  expect(useSettings.getState().values.prompt).toBe('mine');
  await takeLaunch(onCanvas);
  expect(openOnCanvas).toHaveBeenCalledOnce();
});
