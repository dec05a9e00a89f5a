import { decode, encode } from 'fast-png';
import type { Page } from 'playwright';

const grounds = new Map<number, Buffer>(); // many trials ask, and a large one keeps the process for seconds

/** What a trial paints on: red shows on it. */
export function ground(side: number): Buffer {
  const made = grounds.get(side) ?? newGround(side);
  grounds.set(side, made);
  return made;
}

function newGround(side: number): Buffer {
  const data = new Uint8Array(3 * side * side);
  for (let i = 0; i < data.length; i += 3) data[i + 2] = 96 + ((i >> 4) & 31);
  return Buffer.from(encode({ width: side, height: side, data, channels: 3, depth: 8 }));
}

/** A point of the view, as shares of the square that the canvas fills in it. */
type Place = readonly [x: number, y: number];

/** A stroke of the hand, and when it was done, in milliseconds. */
export interface Stroke {
  readonly places: readonly Place[];
  readonly doneAt: number;
}

/** Strokes stand in cells of their own, so that each is seen for itself. */
const CELLS = 8;
/** As many strokes as one canvas has room for. */
export const MAX_STROKES = CELLS * CELLS;

/** Where the canvas lies in the view: a square in its middle, when it was just opened. */
async function squareOf(page: Page): Promise<{ left: number; top: number; side: number }> {
  const box = await page.getByTestId('canvas').boundingBox();
  if (!box) throw new Error('The canvas is not on the page.');
  const side = 0.8 * Math.min(box.width, box.height);
  return { left: box.x + (box.width - side) / 2, top: box.y + (box.height - side) / 2, side };
}

/** A stroke of so many points in a cell. */
export async function draw(page: Page, cell: number, points: number): Promise<Stroke> {
  const { left, top, side } = await squareOf(page);
  const [column, row] = [cell % CELLS, Math.floor(cell / CELLS)];
  const places = Array.from({ length: points }, (_, i): Place => {
    const along = points === 1 ? 0.5 : i / (points - 1);
    const across = 0.5 + 0.2 * Math.sin(i);
    return [(column + 0.25 + 0.5 * along) / CELLS, (row + across) / CELLS];
  });
  const at = ([x, y]: Place): [number, number] => [left + x * side, top + y * side];
  await page.mouse.move(...at(places[0]));
  await page.mouse.down();
  for (const place of places.slice(1)) await page.mouse.move(...at(place));
  await page.mouse.up();
  return { places, doneAt: Date.now() };
}

/**
 * Which of some strokes are not seen, after the page has had its time to show them: there is no red about their first
 * or last point.
 */
export async function missing(page: Page, strokes: readonly Stroke[]): Promise<readonly Stroke[]> {
  await page.mouse.move(1, 1); // the brush's cursor is out of the way
  const canvas = page.getByTestId('canvas');
  const shown = await canvas.waitFor({ timeout: SHOWN_MS }).then(
    () => true,
    () => false,
  );
  if (!shown) return strokes;
  const giveUpAt = Date.now() + SHOWN_MS;
  for (;;) {
    const unseen = await unseenNow(page, strokes);
    if (unseen.length === 0 || Date.now() > giveUpAt) return unseen;
    await page.waitForTimeout(500);
  }
}

/** In pixels of the view: bars beside the canvas come and go, which moves it; other strokes lie farther away. */
const NEAR = 14;

/** How long a canvas may take to be read from the disk and shown. */
const SHOWN_MS = 20_000;

async function unseenNow(page: Page, strokes: readonly Stroke[]): Promise<readonly Stroke[]> {
  const { left, top, side } = await squareOf(page);
  const { data, width, channels } = decode(await page.screenshot());
  const isRed = ([x, y]: Place): boolean => {
    const [column, row] = [Math.round(left + x * side), Math.round(top + y * side)];
    for (let down = -NEAR; down <= NEAR; down++)
      for (let across = -NEAR; across <= NEAR; across++)
        if (data[channels * ((row + down) * width + column + across)] > 90) return true;
    return false;
  };
  return strokes.filter(({ places }) => !isRed(places[0]) || !isRed(places[places.length - 1]));
}
