import type { Size } from '../core/image/picture';
import { pngFile } from '../core/image/png-chunks';

/** Rows of bytes, `channels` a pixel. */
export interface Raster extends Size {
  data: Uint8Array | Uint8ClampedArray;
  channels: 3 | 4;
}

/** The filter "Up": each byte without the one above it, which leaves little of smooth pictures (PNG, 9.2). */
const UP = 2;

/** What is handed to the compressor at a time: it works beside this thread. */
const BAND_BYTES = 2 ** 20;

/**
 * Packs pixels as a PNG, by the platform's own compressor: nothing is held but the pixels and the packed file.
 * @param texts what it says, by their keywords
 */
export async function packPng(
  { width, height, data, channels }: Raster,
  texts: Readonly<Record<string, string>>,
): Promise<Uint8Array<ArrayBuffer>> {
  const { readable, writable } = new CompressionStream('deflate');
  const packed = new Response(readable).arrayBuffer();
  const writer = writable.getWriter();
  const row = width * channels;
  const rows = Math.max(1, Math.floor(BAND_BYTES / row));
  const write = async () => {
    for (let y = 0; y < height; y += rows) await writer.write(filtered(data, row, y, Math.min(height, y + rows)));
    await writer.close();
  };
  // What fails while it is written fails where it is read, too.
  const [bytes] = await Promise.all([packed, write()]);
  return pngFile({ width, height }, channels, new Uint8Array(bytes), texts);
}

/** The rows [from, to), each behind its filter's number. @param row bytes of one */
function filtered(data: Raster['data'], row: number, from: number, to: number): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array((to - from) * (row + 1));
  for (let y = from; y < to; y++) {
    const [at, above] = [y * row, (y - 1) * row];
    const start = (y - from) * (row + 1);
    out[start] = UP;
    for (let i = 0; i < row; i++) out[start + 1 + i] = data[at + i] - (y === 0 ? 0 : data[above + i]);
  }
  return out;
}
