import { writeFile } from 'node:fs/promises';
import { encode } from 'fast-png';
import { blurMask } from '../../../core/image/blur';
import { overlayMask } from '../../../core/image/inpaint-region';
import { blankMask, type Mask, type Picture } from '../../../core/image/picture';
import { readPicture } from '../../png';
import { report } from '../report';
import { openCells } from './cells';
import { writeContactSheet } from './contact-sheet';
import { edgeContrast } from './edges';

/** What stood in a place, what shall stand there, and the seed of both pictures; none was picked among others. */
const CASES = [
  ['a tree', 'a cat', 'in a meadow', 1],
  ['a cactus', 'a camel', 'in a desert', 2],
  ['a sailboat', 'a crab', 'on a beach', 3],
  ['a house', 'a penguin', 'in the snow', 4],
  ['a star', 'a rocket', 'in space', 5],
  ['a fish', 'an octopus', 'under water', 6],
  ['an apple', 'a pear', 'on a white background', 7],
  ['a dog', 'a mushroom', 'in a meadow', 8],
  ['a car', 'a horse', 'at sunset', 9],
  ['a flower', 'a butterfly', 'on a blue background', 10],
  ['an owl', 'a fox', 'at night', 11],
  ['a pizza', 'a turtle', 'on a yellow background', 12],
] as const;

const SIDE = 256;
const BLUR = 6;
const OUT = 'models/inpainting.jpg';

/** All but a rim of three latent cells: the starter's things are large, and what stood there must be covered. */
function middle(): Mask {
  const mask = blankMask({ width: SIDE, height: SIDE });
  for (let y = 0; y < SIDE; y++)
    for (let x = 0; x < SIDE; x++)
      if (((x - 128) / 104) ** 4 + ((y - 128) / 110) ** 4 <= 1) mask.data[y * SIDE + x] = 255;
  return mask;
}

/** A picture with what is masked tinted. */
function tinted(picture: Picture, mask: Mask): Picture {
  const data = picture.data.slice();
  for (let i = 0; i < mask.data.length; i++)
    for (let c = 0; c < 3; c++) data[4 * i + c] += (0.6 * mask.data[i] * ([255, 0, 160][c] - data[4 * i + c])) / 255;
  return { ...picture, data };
}

export const rgbOf = ({ data }: Picture) => data.filter((_, i) => i % 4 < 3);

/**
 * One thing painted over another within a mask, in twelve pictures of the starter's own; and how the mask's edge shows.
 */
export async function inpaintingSheet(): Promise<void> {
  const cells = await openCells('out/pictures/inpainting');
  const mask = middle();
  const overlay = overlayMask(blurMask(mask, BLUR));
  const figures: { was: string; is: string; edge: number }[] = [];
  for (const [k, [was, is, where, seed]] of CASES.entries()) {
    await cells.paint(`${k}-before`, { prompt: `${was} ${where}`, seed, width: SIDE, height: SIDE, steps: 20 });
    const picture = await readPicture(cells.pathOf(`${k}-before`));
    await writeFile(cells.pathOf(`${k}-mask`), encode({ ...tinted(picture, mask), channels: 4 }));
    const inpaint = { denoisingStrength: 0.85, maskedContent: 'fill', maskBlur: BLUR, width: SIDE, height: SIDE, steps: 20 } as const; // biome-ignore format: one line
    await cells.paint(`${k}-after`, { prompt: `${is} ${where}`, seed: seed + 100, ...inpaint }, { picture, mask });
    const after = await readPicture(cells.pathOf(`${k}-after`));
    const edge = Number(edgeContrast(rgbOf(after), after, overlay).toFixed(2));
    figures.push({ was, is: `${is} ${where}`, edge });
  }
  await cells.close();
  await writeContactSheet(OUT, {
    rows: ['before', 'mask', 'after'],
    columns: CASES.map(([was, is]) => `${was} → ${is}`),
    cell: (row, column) => cells.pathOf(`${column}-${['before', 'mask', 'after'][row]}`),
    side: 112,
  });
  const edges = figures.map(({ edge }) => edge);
  await report('pictures-inpainting', { cases: figures, edge: `${Math.min(...edges)} to ${Math.max(...edges)} of the interior's gradient (at most 1.2)`, sheet: OUT }); // biome-ignore format: one line
}
