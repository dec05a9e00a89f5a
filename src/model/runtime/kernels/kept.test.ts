import * as v from 'valibot';
import { afterEach, expect, it, vi } from 'vitest';
import { keptFor } from './kept';

const ADAPTER = { vendor: 'acme', architecture: '', device: '', description: '' } as GPUAdapterInfo;
const find = vi.fn(async () => ({ tiles: 8 }));
const read = () => keptFor(v.object({ tiles: v.number() }), ['float16'], ADAPTER, find, () => true);

/** The browser's cache, with something in it for whatever is asked. */
function keep(text: string | undefined) {
  const put = vi.fn(async () => undefined);
  const match = async () => (text === undefined ? undefined : new Response(text));
  vi.stubGlobal('navigator', { userAgent: 'a browser' });
  vi.stubGlobal('caches', { open: async () => ({ match, put }) });
  return put;
}

afterEach(() => {
  vi.unstubAllGlobals();
  find.mockClear();
});

it('takes what was found before, and does not look again', async () => {
  keep('{"tiles":4,"later":1}');
  expect(await read()).toEqual({ tiles: 4, later: 1 });
  expect(find).not.toHaveBeenCalled();
});

it.each([undefined, '{', '{"tiles":"many"}', 'null'])('finds anew, and keeps, where it reads %s', async (text) => {
  const put = keep(text);
  expect(await read()).toEqual({ tiles: 8 });
  expect(put).toHaveBeenCalledOnce();
});
