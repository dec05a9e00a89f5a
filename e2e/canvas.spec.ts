import { readFileSync } from 'node:fs';
import type { Page } from 'playwright/test';
import { violations } from './fixtures/axe';
import { CanvasPage, Fingers, pngOf } from './fixtures/canvas';
import { type Easel, expect, type Pixels, test } from './fixtures/easel';
import { ANY, begins, en, like } from './fixtures/texts';

test.use({ starter: 'tiny' });

/** A blue ground with a lighter disc: something to keep and something to replace. */
const PICTURE = pngOf(256, 256, (x, y) =>
  Math.hypot(x - 128, y - 128) < 60 ? [240, 220, 120] : [40 + (x >> 2), 90, 160 + (y >> 3)],
);

const pixel = ({ data, width, channels }: Pixels, x: number, y: number): number[] =>
  Array.from({ length: 3 }, (_, c) => data[(y * width + x) * channels + c]);

/** Mean and largest difference of the pixels of a box, in levels. */
function differenceIn(a: Pixels, b: Pixels, inside: (x: number, y: number) => boolean): { mean: number; most: number } {
  expect([a.width, a.height]).toEqual([b.width, b.height]);
  let [sum, count, most] = [0, 0, 0];
  for (let y = 0; y < a.height; y++)
    for (let x = 0; x < a.width; x++) {
      if (!inside(x, y)) continue;
      for (let c = 0; c < 3; c++) {
        const difference = Math.abs(
          a.data[(y * a.width + x) * a.channels + c] - b.data[(y * b.width + x) * b.channels + c],
        );
        sum += difference;
        most = Math.max(most, difference);
        count++;
      }
    }
  return { mean: sum / count, most };
}

/** The page with the picture on its canvas; without a model where nothing is painted by one. */
async function withPicture(easel: Easel, page: Page, { model = true } = {}): Promise<CanvasPage> {
  const canvas = new CanvasPage(page);
  if (model) await easel.open('./#canvas');
  else await easel.openEarly('./#canvas');
  await canvas.openFile('disc.png', 'image/png', PICTURE);
  await expect(canvas.undo).toHaveAccessibleName(en.canvas.undoOf(en.tools.steps['Open picture']));
  return canvas;
}

/** How many steps of the canvas's history lie on the disk. */
function storedSteps(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      new Promise<number>((resolve, reject) => {
        const opening = indexedDB.open('easel');
        opening.onerror = () => reject(opening.error);
        opening.onsuccess = () => {
          const reading = opening.result.transaction('canvases').objectStore('canvases').getAllKeys();
          reading.onsuccess = () => {
            opening.result.close();
            resolve(reading.result.filter((key) => String((key as string[])[1]).startsWith('step')).length);
          };
        };
      }),
  );
}

/** A JPEG made in the page, with an EXIF orientation put in: 6 means "turn it clockwise to look at it". */
async function turnedJpeg(page: Page): Promise<Buffer> {
  const base64 = await page.evaluate(async () => {
    const surface = new OffscreenCanvas(128, 64);
    const context = surface.getContext('2d');
    if (!context) throw new Error('no surface');
    context.fillStyle = '#e02020';
    context.fillRect(0, 0, 64, 64);
    context.fillStyle = '#2020e0';
    context.fillRect(64, 0, 64, 64);
    const bytes = new Uint8Array(await (await surface.convertToBlob({ type: 'image/jpeg', quality: 1 })).arrayBuffer());
    return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  });
  const jpeg = Buffer.from(base64, 'base64');
  // APP1 with one IFD entry: tag 0x0112, a SHORT, 6 (TIFF 6.0 in big-endian order).
  const tiff = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0];
  const exif = [...Buffer.from('Exif\0\0'), ...tiff];
  const segment = Buffer.from([0xff, 0xe1, 0, exif.length + 2, ...exif]);
  return Buffer.concat([jpeg.subarray(0, 2), segment, jpeg.subarray(2)]);
}

/** Drops a file from the file manager somewhere on the page. */
async function drop(page: Page, name: string, type: string, bytes: Buffer, x: number): Promise<void> {
  const transfer = await page.evaluateHandle(
    ([base64, fileName, mime]) => {
      const data = new DataTransfer();
      const content = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
      data.items.add(new File([content], fileName, { type: mime }));
      return data;
    },
    [bytes.toString('base64'), name, type] as const,
  );
  for (const event of ['dragover', 'drop'])
    await page.dispatchEvent('body', event, { dataTransfer: transfer, clientX: x, clientY: 300, bubbles: true });
}

test('a JPEG that is dropped stands upright on the canvas, and img2img makes a candidate of it', async ({
  easel,
  page,
}) => {
  const canvas = new CanvasPage(page);
  await easel.open();
  await drop(page, 'photo.jpg', 'image/jpeg', await turnedJpeg(page), 900);
  await expect(page).toHaveURL(/#canvas$/);
  await expect(page.getByText(begins(en.canvas.frame('64 × 128')))).toBeVisible();
  const upright = await canvas.frame();
  // Turned clockwise, the left half comes to lie on top.
  expect(pixel(upright, 32, 20)[0]).toBeGreaterThan(200);
  expect(pixel(upright, 32, 108)[2]).toBeGreaterThan(200);

  await easel.prompt.fill('a red apple');
  await easel.set({ steps: 4, denoisingStrength: 0.6, seed: 3 });
  await canvas.paint();
  const before = await canvas.frame();
  expect(differenceIn(upright, before, () => true).most).toBe(0); // a candidate is not yet the picture
  await canvas.accept.click();
  await expect(canvas.candidates).toBeHidden();
  const after = await canvas.frame();
  expect([after.width, after.height]).toEqual([64, 128]);
  expect(differenceIn(upright, after, () => true).mean).toBeGreaterThan(3);
  await canvas.undo.click();
  expect(differenceIn(upright, await canvas.frame(), () => true).most).toBe(0);
  await expect(easel.results).toHaveCount(1);
});

test('a mask painted with the mouse: inside changes, outside stays bit for bit; candidates are compared and chosen', async ({
  easel,
  page,
}) => {
  const canvas = await withPicture(easel, page);
  await canvas.actualSize();
  const original = await canvas.frame();
  await page.getByRole('spinbutton', { name: en.canvas.size, exact: true }).fill('80');
  await canvas.stroke([110, 128], [146, 128]);
  await expect(page.getByRole('heading', { name: en.canvas.inpaint })).toBeVisible();

  await easel.prompt.fill('a red apple');
  await easel.set({ steps: 4, denoisingStrength: 0.9, seed: 3, batchCount: 2 });
  await canvas.paint(2);
  const compare = canvas.candidates.getByRole('button', { name: en.canvas.compare });
  await compare.click();
  const slider = page.getByRole('slider', { name: en.canvas.shareShown });
  await expect(slider).toHaveValue('50');
  await slider.press('ArrowLeft');
  await expect(slider).toHaveValue('49.5');
  await compare.click();
  await canvas.candidates.getByRole('button', { name: en.canvas.previousCandidate }).click();
  await expect(canvas.candidates).toContainText(en.canvas.candidateOf(1, 2));
  await canvas.accept.click();

  const painted = await canvas.frame();
  // The brush's radius is 40; a blur of 4 pixels reaches 12 further, and the brush's soft rim is within it.
  const outside = (x: number, y: number) => Math.hypot(Math.max(110 - x, 0, x - 146), y - 128) > 56;
  const core = (x: number, y: number) => Math.hypot(x - 128, y - 128) < 20;
  expect(differenceIn(original, painted, outside).most).toBe(0);
  expect(differenceIn(original, painted, core).mean).toBeGreaterThan(8);
});

test('ten strokes are undone and done again; the canvas is there after a reload, with its history', async ({
  easel,
  page,
}) => {
  const canvas = await withPicture(easel, page, { model: false });
  await canvas.actualSize();
  await page.getByRole('radio', { name: en.canvas.sketch }).click();
  await page.getByRole('button', { name: en.canvas.palette }).click();
  await page.getByRole('button', { name: en.canvas.red, exact: true }).click();
  const blank = await canvas.frame();
  for (let i = 0; i < 10; i++) await canvas.stroke([20, 20 + 22 * i], [230, 20 + 22 * i]);
  const drawn = await canvas.frame();
  expect(differenceIn(blank, drawn, () => true).mean).toBeGreaterThan(5);
  for (let i = 0; i < 10; i++) await page.keyboard.press('Control+z');
  expect(differenceIn(blank, await canvas.frame(), () => true).most).toBe(0);
  for (let i = 0; i < 10; i++) await page.keyboard.press('Control+Shift+Z');
  expect(differenceIn(drawn, await canvas.frame(), () => true).most).toBe(0);

  // The page writes after a pause: the picture and ten strokes.
  await expect.poll(() => storedSteps(page)).toBe(11);
  await page.reload();
  await expect(canvas.surface).toBeVisible();
  expect(differenceIn(drawn, await canvas.frame(), () => true).most).toBe(0);
  for (let i = 0; i < 10; i++) await canvas.undo.click();
  expect(differenceIn(blank, await canvas.frame(), () => true).most).toBe(0);
});

test.describe('with Easel’s own model', () => {
  // Its frame is its own size: how far a painting overlaps what is kept depends on that.
  test.use({ starter: 'bundled' });

  test('outpainting 64 pixels to the right keeps the picture and fills the new part', async ({ easel, page }) => {
    const canvas = await withPicture(easel, page);
    const original = await canvas.frame();
    await canvas.tool('frame');
    await page.getByRole('button', { name: en.canvas.extendRight(64) }).click();
    await expect(page.getByText(begins(en.canvas.frame('320 × 256')))).toBeVisible();
    await expect(page.getByRole('heading', { name: en.canvas.outpaint })).toBeVisible();
    await easel.prompt.fill('a red apple');
    await easel.set({ steps: 4, seed: 3 });
    await canvas.paint();
    await canvas.accept.click();
    const painted = await canvas.frame();
    expect([painted.width, painted.height]).toEqual([320, 256]);
    const part = { ...painted, width: 256, data: cropped(painted, 0, 256) };
    expect(differenceIn(original, part, (x) => x < 230).most).toBe(0);
    const alpha = Array.from({ length: 256 }, (_, y) => painted.data[(y * 320 + 300) * painted.channels + 3]);
    expect(painted.channels === 3 || alpha.every((value) => value === 255)).toBe(true);
  });
});

/** The columns from..to of a picture. */
function cropped({ data, width, height, channels }: Pixels, from: number, to: number): Uint8Array {
  const out = new Uint8Array((to - from) * height * channels);
  for (let y = 0; y < height; y++)
    for (let i = 0; i < (to - from) * channels; i++)
      out[y * (to - from) * channels + i] = data[(y * width + from) * channels + i];
  return out;
}

test('an empty canvas is painted from words alone, and a result goes back on the canvas', async ({ easel, page }) => {
  const canvas = new CanvasPage(page);
  await easel.open();
  await canvas.show();
  await expect(page.getByRole('heading', { name: en.canvas.textToImage })).toBeVisible();
  await expect(easel.field('denoisingStrength')).toHaveCount(0);
  await easel.prompt.fill('a red apple');
  await easel.set({ steps: 2, seed: 3 });
  await canvas.paint(); // on a blank canvas that it begins
  await canvas.accept.click();
  const painted = await canvas.frame();
  await easel.view('paint').click();
  await page.getByRole('button', { name: en.stage.editOnTheCanvas }).click();
  await expect(page).toHaveURL(/#canvas$/);
  expect(differenceIn(painted, await canvas.frame(), () => true).most).toBe(0);
});

test.describe('with fingers', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true });

  test('one finger paints, two zoom, and nothing is smaller than a finger', async ({ easel, page }) => {
    const canvas = await withPicture(easel, page, { model: false });
    await expect(easel.generate).toBeInViewport({ ratio: 1 }); // ux 43
    const fingers = await Fingers.on(page);
    const box = await canvas.surface.boundingBox();
    if (!box) throw new Error('no canvas');
    const at = (x: number, y: number): [number, number] => [box.x + x * box.width, box.y + y * box.height];
    await fingers.touch('touchStart', at(0.4, 0.5));
    for (let i = 1; i <= 5; i++) await fingers.touch('touchMove', at(0.4 + 0.03 * i, 0.5));
    await fingers.touch('touchEnd');
    await expect(canvas.undo).toHaveAccessibleName(en.canvas.undoOf(en.tools.steps.Brush));
    const zoom = () => page.locator('.canvas-zoom').textContent();
    const before = Number.parseFloat((await zoom()) ?? '');
    await fingers.touch('touchStart', at(0.4, 0.5), at(0.6, 0.5));
    for (let i = 1; i <= 5; i++) await fingers.touch('touchMove', at(0.4 - 0.04 * i, 0.5), at(0.6 + 0.04 * i, 0.5));
    await fingers.touch('touchEnd');
    // Twice as far apart and a little more: 0.2 of the width became 0.6.
    expect(Number.parseFloat((await zoom()) ?? '') / before).toBeGreaterThan(2);
    await expect(canvas.undo).toHaveAccessibleName(en.canvas.undoOf(en.tools.steps.Brush)); // the pinch left no stroke
    const small = await page.evaluate(() =>
      Array.from(document.querySelectorAll<HTMLElement>('.canvas button, .canvas input, .canvas [role="radio"]'))
        .filter((element) => element.checkVisibility() && !element.classList.contains('visually-hidden'))
        .map((element) => ({ html: element.outerHTML.slice(0, 80), box: element.getBoundingClientRect() }))
        .filter(({ box: { width, height } }) => width < 44 || height < 44)
        .map(({ html, box: { width, height } }) => `${html} ${width} x ${height}`),
    );
    expect(small).toEqual([]);
  });
});

test('pictures of other programs are converted and turned, transparent ones too; a still GIF is not animated (wild 28)', async ({
  easel,
  page,
}) => {
  const canvas = new CanvasPage(page);
  await easel.openEarly('./#canvas');
  const opened = async (name: string, type: string, size: string) => {
    await canvas.openFile(name, type, readFileSync(`src/store/reading/fixtures/${name}`));
    await expect(page.getByText(en.canvas.frame(size))).toBeVisible();
    return canvas.frame();
  };
  const [red, green, blue, white] = [[255, 0, 0], [0, 200, 0], [0, 0, 255], [255, 255, 255]]; // biome-ignore format: one thought
  // What Display P3 says of 200, 60, 60, in sRGB; its first pixel is transparent.
  const wide = await opened('p3-alpha.png', 'image/png', '48 × 32');
  for (const [c, value] of [217, 42, 52].entries()) expect(Math.abs(pixel(wide, 40, 16)[c] - value)).toBeLessThan(3);
  expect(pixel(wide, 0, 0)).toEqual(white);
  // A quarter of a turn clockwise: red from the left above comes to the right above, blue from below to the left.
  const turned = await opened('square6-alpha.png', 'image/png', '32 × 32');
  expect([[31, 0], [31, 31], [0, 0]].map(([x, y]) => pixel(turned, x, y))).toEqual([red, green, blue]); // biome-ignore format: one thought
  await opened('orient6-alpha.png', 'image/png', '32 × 48');
  const animated = page.getByText(like(en.store.isAnimated(ANY)));
  await opened('plain.gif', 'image/gif', '48 × 32');
  await expect(animated).toHaveCount(0);
  await opened('orient6.webp', 'image/webp', '32 × 48');
  await canvas.openFile('animated.gif', 'image/gif', readFileSync('src/store/reading/fixtures/animated.gif'));
  await expect(animated.first()).toBeVisible();
});

test('what is no picture is refused by name, and what was on the canvas stays', async ({ easel, page }) => {
  const canvas = await withPicture(easel, page, { model: false });
  const original = await canvas.frame();
  const refused = async (name: string, type: string, bytes: Buffer, says: RegExp) => {
    await canvas.openFile(name, type, bytes);
    await expect(page.getByText(says).first()).toBeVisible();
  };
  await refused('notes.png', 'image/png', Buffer.from('not a picture'), /notes\.png is not a picture/);
  await refused('half.png', 'image/png', PICTURE.subarray(0, PICTURE.length / 2), /half\.png breaks off/);
  await refused(
    'long.png',
    'image/png',
    pngOf(30_000, 10, () => [1, 2, 3]),
    /width is 30000 pixels.*1 to 8192/,
  );
  const jpeg = await turnedJpeg(page);
  await refused('half.jpg', 'image/jpeg', jpeg.subarray(0, jpeg.length - 20), /half\.jpg breaks off/);
  expect(differenceIn(original, await canvas.frame(), () => true).most).toBe(0);
});

test('the canvas view: nothing for axe to find, keys do what the buttons say', async ({ easel, page }) => {
  const canvas = new CanvasPage(page);
  await easel.openEarly('./#canvas');
  expect(await violations(page)).toEqual([]);
  await canvas.openFile('disc.png', 'image/png', PICTURE);
  await expect(canvas.surface).toBeVisible();
  expect(await violations(page)).toEqual([]);
  await page.locator('.canvas-surface').focus();
  await page.keyboard.press('r');
  await expect(page.getByRole('button', { name: `${en.tools.tools.rectangle.label} (R)` })).toHaveAttribute(
    'aria-pressed',
    'true',
  );
  await page.keyboard.press('c');
  await expect(page.getByRole('spinbutton', { name: en.canvas.width }).last()).toBeVisible();
  await expect(page.getByText(en.tools.tools.frame.help)).toBeVisible(); // the tool in hand says what it does (ux 51)
  expect(await violations(page)).toEqual([]);
  await page.keyboard.press('b');
  await page.keyboard.press(']');
  await expect(page.getByRole('spinbutton', { name: en.canvas.size, exact: true })).toHaveValue('70');
  await page.keyboard.press('1');
  await expect(page.getByRole('button', { name: '100 %' })).toBeVisible();
  await page.keyboard.press('Shift+V');
  await expect(canvas.undo).toHaveAccessibleName(en.canvas.undoOf(en.tools.steps['Invert mask']));
  await page.getByRole('radio', { name: en.canvas.sketch }).click();
  expect(await violations(page)).toEqual([]);
  await page.keyboard.press('?'); // ux 24
  const shortcuts = page.getByRole('dialog', { name: en.app.keyboardShortcuts });
  await expect(shortcuts).toContainText(en.app.hideOrShowTheMask);
});
