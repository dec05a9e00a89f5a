import { decode, encode } from 'fast-png';
import { afterEach, expect, it, vi } from 'vitest';
import { withChunk } from '../../core/image/png-chunks';
import { decodePicture } from './decode-picture';

afterEach(() => vi.unstubAllGlobals());

/** To this browser a gamma means ten more of red, EXIF half a turn; what is transparent loses its colour. */
function stubBrowser(): void {
  vi.stubGlobal('createImageBitmap', async (file: Blob) => {
    const bytes = new Uint8Array(await file.arrayBuffer());
    const { data, width, height } = decode(bytes);
    const text = Buffer.from(bytes).toString('latin1');
    const pixels = Array.from({ length: width * height }, (_, i) => [...data.subarray(4 * i, 4 * i + 4)]);
    if (text.includes('eXIf')) pixels.reverse();
    const red = text.includes('gAMA') ? 10 : 0;
    const shown = pixels.flatMap(([r, g, b, a]) => (a === 0 ? [0, 0, 0, 0] : [r + red, g, b, a]));
    return { width, height, shown, close: () => undefined };
  });
  vi.stubGlobal(
    'OffscreenCanvas',
    class {
      getContext() {
        let data: number[] = [];
        return {
          drawImage: (bitmap: { shown: number[] }) => {
            data = bitmap.shown;
          },
          getImageData: () => ({ data: Uint8ClampedArray.from(data) }),
        };
      }
    },
  );
}

// Opaque, nearly transparent, transparent over green, opaque.
const PIXELS = [100, 0, 0, 255, 50, 60, 70, 3, 0, 200, 0, 0, 1, 2, 3, 255];
const png = encode({ width: 4, height: 1, channels: 4, data: Uint8Array.from(PIXELS) });
const read = async (bytes: Uint8Array) => [
  ...(await decodePicture(new Blob([bytes as Uint8Array<ArrayBuffer>]), 'x.png')).data,
];

it('keeps the colours under what is transparent, converted and turned as all others are (wild 28)', async () => {
  stubBrowser();
  expect(await read(png)).toEqual(PIXELS);
  const profiled = withChunk(png, 'gAMA', Uint8Array.of(0, 0, 1, 0));
  expect(await read(profiled)).toEqual([110, 0, 0, 255, 60, 60, 70, 3, 10, 200, 0, 0, 11, 2, 3, 255]);
  const turned = withChunk(png, 'eXIf', Uint8Array.of(77, 77, 0, 42));
  expect(await read(turned)).toEqual([1, 2, 3, 255, 0, 200, 0, 0, 50, 60, 70, 3, 100, 0, 0, 255]);
});
