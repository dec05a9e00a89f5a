import { expect, it } from 'vitest';
import { MemoryCaches } from './fixtures/memory-caches';
import { keepShared, takeShared } from './shared-items';

it('hands what was shared from the worker to the page, once, names of any script included', async () => {
  const caches = new MemoryCaches() as unknown as CacheStorage;
  const form = new FormData();
  form.append('title', 'A fox');
  form.append('text', '');
  form.append('url', 'https://example.com/fox');
  form.append('files', new File(['png'], 'Füchse 狐.png', { type: 'image/png' }));
  form.append('files', new File(['jpeg'], 'b.jpg', { type: 'image/jpeg' }));
  await keepShared(form, caches, 'https://host.example/easel/');
  const { files, text } = await takeShared(caches);
  expect(text).toBe('A fox\nhttps://example.com/fox');
  expect(files.map(({ name, type }) => [name, type])).toEqual([
    ['Füchse 狐.png', 'image/png'],
    ['b.jpg', 'image/jpeg'],
  ]);
  expect(await files[0].text()).toBe('png');
  expect(await takeShared(caches)).toEqual({ files: [], text: '' });
});
