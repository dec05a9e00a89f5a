import { blankMask, type Mask, type Picture } from '../../../core/image/picture';
import { readPicture } from '../../png';
import { report } from '../report';
import { openCells } from './cells';
import { writeContactSheet } from './contact-sheet';

const SIDE = 128;
const STRENGTHS = [0, 0.25, 0.5, 0.75, 1];
const GREYS = [0, 64, 128, 192, 255];
/** Columns left of this are masked in grey; those at the right edge in white, so that no mask is empty. */
const [GREY_UNTIL, WHITE_FROM] = [96, 112];
const OUT = 'out/pictures/strengths.jpg';

function greyMask(grey: number): Mask {
  const mask = blankMask({ width: SIDE, height: SIDE });
  for (let y = 0; y < SIDE; y++)
    mask.data.fill(grey, y * SIDE, y * SIDE + GREY_UNTIL).fill(255, y * SIDE + WHITE_FROM, (y + 1) * SIDE);
  return mask;
}

/** Mean difference of the bytes of columns left of `until`. */
function change(a: Picture, b: Picture, until = SIDE): number {
  let sum = 0;
  for (let i = 0; i < a.data.length; i++)
    if (Math.floor(i / 4) % SIDE < until && i % 4 < 3) sum += Math.abs(a.data[i] - b.data[i]);
  return Number((sum / (3 * until * SIDE)).toFixed(2));
}

/**
 * How much the starter changes a picture of its own: by denoising strength, and by the grey of a soft mask at strength
 * 1.
 */
export async function strengthsSheet(): Promise<void> {
  const cells = await openCells('out/pictures/strengths');
  const common = { width: SIDE, height: SIDE, steps: 8 };
  await cells.paint('given', { ...common, prompt: 'a tree in a meadow', seed: 3 });
  const picture = await readPicture(cells.pathOf('given'));
  const other = { ...common, prompt: 'a cat at night', seed: 5 };
  for (const denoisingStrength of STRENGTHS)
    await cells.paint(`strength-${denoisingStrength}`, { ...other, denoisingStrength }, { picture });
  const soft = { ...other, denoisingStrength: 1, softMask: true, maskBlur: 0 };
  for (const grey of GREYS) await cells.paint(`grey-${grey}`, soft, { picture, mask: greyMask(grey) });
  await cells.close();
  const rows = [STRENGTHS.map((value) => `strength-${value}`), GREYS.map((value) => `grey-${value}`)];
  await writeContactSheet(OUT, {
    rows: ['strength', 'grey'],
    columns: STRENGTHS.map((value) => String(value)),
    cell: (row, column) => cells.pathOf(rows[row][column]),
    side: SIDE,
  });
  const changes: { share: number; strength: number; grey: number }[] = [];
  for (const [k, share] of STRENGTHS.entries()) {
    const [whole, masked] = [await readPicture(cells.pathOf(rows[0][k])), await readPicture(cells.pathOf(rows[1][k]))];
    // Eight pixels of the grey part border on what is kept.
    changes.push({ share, strength: change(picture, whole), grey: change(picture, masked, GREY_UNTIL - 8) });
  }
  await report('pictures-strengths', { 'mean change of 255': changes, sheet: OUT });
}
