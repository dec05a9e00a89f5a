import { blankMask, cropPicture } from '../../../core/image/picture';
import { readPicture } from '../../png';
import { report } from '../report';
import { openCells } from './cells';
import { writeContactSheet } from './contact-sheet';
import { seamContrast } from './edges';
import { rgbOf } from './inpainting';

/** The picture that is continued, what it is continued with, and the seed of both. */
const CASES = [
  ['a tree in a meadow', 'a meadow', 1],
  ['a camel in a desert', 'a desert', 2],
  ['a penguin in the snow', 'snow', 4],
  ['a rocket in space', 'space', 5],
] as const;

const SIDE = 256;
/** Pixels that are added on the right. */
const MORE = 64;
const OUT = 'out/pictures/outpainting.jpg';

/** The starter's own pictures continued to the right; and how the seam shows. */
export async function outpaintingSheet(): Promise<void> {
  const cells = await openCells('out/pictures/outpainting');
  const figures: { prompt: string; seam: number }[] = [];
  for (const [k, [prompt, more, seed]] of CASES.entries()) {
    await cells.paint(`${k}-before`, { prompt, seed, width: SIDE, height: SIDE, steps: 20 });
    const before = await readPicture(cells.pathOf(`${k}-before`));
    // Nothing is there yet, and nothing else is masked.
    const picture = cropPicture(before, { x: 0, y: 0, width: SIDE + MORE, height: SIDE });
    const given = { picture, mask: blankMask(picture) };
    await cells.paint(`${k}-after`, { prompt: more, seed: seed + 100, denoisingStrength: 1, width: SIDE + MORE, height: SIDE, steps: 20 }, given); // biome-ignore format: one line
    const after = await readPicture(cells.pathOf(`${k}-after`));
    figures.push({ prompt, seam: Number(seamContrast(rgbOf(after), after, SIDE).toFixed(2)) });
  }
  await cells.close();
  await writeContactSheet(OUT, {
    rows: ['before', 'after'],
    columns: CASES.map(([prompt]) => prompt),
    cell: (row, column) => cells.pathOf(`${column}-${['before', 'after'][row]}`),
    side: 192,
  });
  const seams = figures.map(({ seam }) => seam);
  await report('pictures-outpainting', { cases: figures, seam: `${Math.min(...seams)} to ${Math.max(...seams)} of the interior's gradient (at most 1.2)`, sheet: OUT }); // biome-ignore format: one line
}
