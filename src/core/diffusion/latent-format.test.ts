import { expect, it } from 'vitest';
import { previewPixels, previewShape } from './latent-format';

/** The red of a preview, row by row. */
const reds = ({ rgba }: ReturnType<typeof previewPixels>) => Array.from(rgba).filter((_, i) => i % 4 === 0);

it('maps each cell by itself where one row stands for a channel', () => {
  const latent = Float32Array.of(0, 1, -1, 0.2, 0, 0, 0, 1);
  const preview = previewPixels(latent, 2, 2, [[1, 0, 0], [0, 1, 0], [0, 0, -1]]); // biome-ignore format: a matrix
  expect(preview).toMatchObject({ width: 2, height: 2 });
  expect(Array.from(preview.rgba)).toEqual([128, 128, 0, 255, 255, 128, 0, 255, 0, 128, 0, 255, 153, 255, 0, 255]);
});

it('reads a cell’s neighbours, and makes several pixels of one', () => {
  // Of 3 x 3 taps the left one goes to the first column of 2 x 2 pixels, the right one to the second.
  const left = [1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0];
  const right = [0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0];
  const none = Array.from({ length: 12 }, () => 0);
  const factors = [none, none, none, left, none, right, none, none, none, none];
  const preview = previewPixels(Float32Array.of(-1, 0, 1), 1, 3, factors);
  expect(preview).toMatchObject({ width: 6, height: 2 });
  // At the edges the cell stands for the neighbour that is not there.
  expect(reds(preview)).toEqual([0, 128, 0, 255, 128, 255, 0, 128, 0, 255, 128, 255]);
});

it('knows a map by its rows', () => {
  const rows = (count: number, length: number) => Array.from({ length: count }, () => Array.from({ length }, () => 0));
  expect(previewShape(rows(5, 3), 4)).toEqual({ taps: 1, scale: 1 });
  expect(previewShape(rows(37, 48), 4)).toEqual({ taps: 3, scale: 4 });
  for (const [count, length] of [[6, 3], [17, 3], [5, 4], [5, 0], [0, 0]]) // biome-ignore format: pairs
    expect(previewShape(rows(count, length), 4)).toBeUndefined();
});
