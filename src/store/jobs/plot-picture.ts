import { EaselError, said } from '../../core/errors';
import { withText } from '../../core/image/png-chunks';
import { plotText } from '../../core/request/axes';
import { quoted } from '../../core/request/parameters';
import { errorText } from '../../texts/errors';
import { openPicture, useGallery } from '../gallery/gallery';
import { notify } from '../notices';
import { usePlot } from './plot';

/** Canvases end there in every browser. */
const MAX_SIDE = 16_384;

/** Of the words of a legend, in shares of a cell's longer side. */
const LETTERS = 1 / 16;

/** Draws all cells that are there into one picture with their legends, and A1111's text of the plot. */
export async function savePlot(save: (file: Blob) => void): Promise<void> {
  try {
    save(await plotPicture());
  } catch (thrown) {
    notify(errorText(thrown));
  }
}

async function plotPicture(): Promise<Blob> {
  const { plot, cells } = usePlot.getState();
  const { results } = useGallery.getState();
  const records = cells.map((id) => (id === undefined ? undefined : results[id]?.record));
  const first = records.find((record) => record !== undefined);
  if (!first) throw new EaselError('unsupported', said`No picture of the plot is there any more.`);
  const [x, y, z] = [0, 1, 2].map((at) => plot.axes[at]?.values ?? ['']);
  const width = Math.max(...records.map((record) => record?.width ?? 0));
  const height = Math.max(...records.map((record) => record?.height ?? 0));
  const letters = Math.max(width, height) * LETTERS;
  const left = y.some((text) => text !== '') ? letters * 10 : 0;
  const top = letters * 2;
  const [tableWidth, tableHeight] = [left + x.length * width, top * 2 + y.length * height];
  const scale = Math.min(1, MAX_SIDE / (tableWidth * z.length), MAX_SIDE / tableHeight);
  const canvas = new OffscreenCanvas(Math.floor(tableWidth * z.length * scale), Math.floor(tableHeight * scale));
  const context = canvas.getContext('2d');
  if (!context) throw new EaselError('unsupported', said`This browser gives no 2D canvas for so large a picture.`);
  context.scale(scale, scale);
  context.fillStyle = 'white';
  context.fillRect(0, 0, tableWidth * z.length, tableHeight);
  const write = (text: string, centre: number, middle: number, room: number) => {
    context.fillStyle = 'black';
    context.font = [`${letters}px`, 'sans-serif'].join(' ');
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    context.fillText(text, centre, middle, room);
  };
  for (const [iz, ofZ] of z.entries()) {
    const from = iz * tableWidth;
    write(ofZ, from + tableWidth / 2, top / 2, tableWidth);
    for (const [ix, ofX] of x.entries()) write(ofX, from + left + (ix + 0.5) * width, top * 1.5, width);
    for (const [iy, ofY] of y.entries()) write(ofY, from + left / 2, top * 2 + (iy + 0.5) * height, left);
  }
  for (const [at, record] of records.entries()) {
    const picture = record && (await openPicture(record));
    if (!picture) continue;
    const bitmap = await createImageBitmap(picture.png);
    const [ix, iy, iz] = [at % x.length, Math.floor(at / x.length) % y.length, Math.floor(at / (x.length * y.length))];
    context.drawImage(bitmap, iz * tableWidth + left + ix * width, top * 2 + iy * height);
    bitmap.close();
  }
  const facts = plotText(plot).map(([key, value]) => `${key}: ${quoted(value)}`);
  const png = new Uint8Array(await (await canvas.convertToBlob({ type: 'image/png' })).arrayBuffer());
  const parameters = first.parameters.replace(/, Version: [^\n]*$/, (version) => `, ${facts.join(', ')}${version}`);
  return new Blob([withText(png, 'parameters', parameters)], { type: 'image/png' });
}
