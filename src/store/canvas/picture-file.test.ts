import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { bomb, SMALL_PICTURE } from '../../cli/fuzz/bombs';
import { crc32 } from '../../core/image/png-chunks';
import { readMask, readPicture } from '../../editor/document/document';
import { connectReaders } from '../reading/read-apart';
import { readCanvasFile } from './picture-file';

/** The decoders of the browser: neither the page's nor the worker's may see what is refused. */
const decoders = { Image: vi.fn(), createImageBitmap: vi.fn() };

/** What came over from the worker without a copy. */
const transferred: Transferable[] = [];

beforeEach(async () => {
  transferred.length = 0;
  for (const [name, decoder] of Object.entries(decoders)) vi.stubGlobal(name, decoder.mockClear());
  await import('../reading/worker');
  const inside = globalThis as unknown as { onmessage(event: { data: unknown }): void };
  connectReaders(() => {
    const worker = { postMessage: (data: unknown) => inside.onmessage({ data }), terminate: vi.fn() };
    vi.stubGlobal('postMessage', (answer: unknown, transfer: Transferable[] = []) => {
      transferred.push(...transfer);
      (worker as unknown as Worker).onmessage?.({ data: structuredClone(answer, { transfer }) } as MessageEvent);
    });
    return worker as unknown as Worker;
  });
});
afterEach(() => vi.unstubAllGlobals());

/** A small picture whose header names another width. */
function ofWidth(width: number): Buffer {
  const png = Buffer.from(SMALL_PICTURE);
  png.writeUInt32BE(width, 16);
  png.writeUInt32BE(crc32(png.subarray(12, 29)), 29);
  return png;
}

it.each([
  ['a colour profile that unpacks to 64 MB', bomb('iCCP', 'icc\0\0'), 'unpacks to more than 4 MB'],
  ['more than 8192 pixels a side', ofWidth(8193), "The picture's width is 8193 pixels"],
  ['no pixel at all', ofWidth(0), "The picture's width is 0 pixels"],
  ['an end that is missing', Buffer.from(SMALL_PICTURE.subarray(0, 40)), 'x.png breaks off in the middle'],
])('refuses a PNG with %s before a decoder sees it', async (_, png, message) => {
  await expect(readCanvasFile(new Blob([new Uint8Array(png)]), 'x.png')).rejects.toThrow(message);
  for (const decoder of Object.values(decoders)) expect(decoder).not.toHaveBeenCalled();
});

it('lets the page read the sides of other kinds of file, and refuses what is too large', async () => {
  decoders.Image.mockImplementation(function (this: Record<string, unknown>) {
    Object.assign(this, { naturalWidth: 9000, naturalHeight: 10 });
    queueMicrotask(() => (this.onload as () => void)());
  });
  const jpeg = new Blob([Uint8Array.of(0xff, 0xd8, 0xff, 0xd9)]);
  await expect(readCanvasFile(jpeg, 'x.jpg')).rejects.toThrow("The picture's width is 9000 pixels");
  expect(decoders.createImageBitmap).not.toHaveBeenCalled();
});

it('gives the page tiles that are cut already, without a copy: on white, and with transparency as the mask', async () => {
  const pixels = Uint8ClampedArray.of(1, 2, 3, 255, 4, 5, 6, 0);
  decoders.createImageBitmap.mockResolvedValue({ width: 2, height: 1, close: () => undefined });
  const context = { drawImage: () => undefined, getImageData: () => ({ data: pixels }) };
  vi.stubGlobal(
    'OffscreenCanvas',
    vi.fn(function (this: object) {
      return { getContext: () => context };
    }),
  );
  const { document, masked, animated } = await readCanvasFile(new Blob([SMALL_PICTURE as never]), 'x.png');
  const box = { x: 0, y: 0, width: 2, height: 1 };
  expect([...readPicture(document, box).data]).toEqual([1, 2, 3, 255, 255, 255, 255, 255]);
  expect(document.mask.tiles.size).toBe(0);
  // The colour under what is transparent stays.
  expect(masked && [...readPicture(masked, box).data]).toEqual([1, 2, 3, 255, 4, 5, 6, 255]);
  expect(masked && [...readMask(masked, box).data]).toEqual([0, 255]);
  expect(animated).toBe(false);
  expect(transferred).toHaveLength(3); // two pictures and a mask, a tile each
});
