/**
 * npx tsx src/cli/model-pictures.ts examples | things [--model FOLDER] [--threads N] [--first N] [--work FOLDER]
 *
 * Paints what a model's manifest lists, and joins it into the one file of small pictures that the page shows:
 * `examples.webp` beside the welcome's prompts, `things.webp` in "What can it paint?". Its place in the manifest is
 * written there, too.
 *
 * The things take hours on a processor; the suite `things` of e2e/perf paints the same sheet on a card in two minutes.
 *
 * Each picture is kept in --work and painted once: a run that was ended goes on where it was. With --first only so many
 * are painted and nothing is written, to see how long all of them take.
 */
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decode, encode } from 'fast-png';
import { chromium } from 'playwright';
import type { Picture } from '../core/image/picture';
import { resizePicture } from '../core/image/resample';
import type { PictureSheet } from '../core/repertoire';
import { parseRequest } from '../core/request/request';
import { fastLoraUse } from '../model/running/fast';
import { loadModel } from '../model/running/load';
import type { PaintingModel } from '../model/running/painting-model';
import { chooseDevice } from '../model/runtime/device';
import { loadOrt } from '../model/runtime/ort';
import { parseManifest } from '../model/weights/manifest';
import { paint } from '../pipeline/generate';
import { encodePicture } from '../pipeline/picture';
import { argumentsOf } from './arguments';
import { openDirectory } from './directory';
import { findChromium, QUIET_CHROMIUM } from './prepare.mjs';

/** How the page shows each: twice as large as in the style sheet, for fine screens, where that is not too much. */
const SHEETS: Readonly<Record<'examples' | 'things', PictureSheet>> = {
  examples: { path: 'examples.webp', side: 192, columns: 4 },
  things: { path: 'things.webp', side: 48, columns: 32 },
};

/** Of the file, from 0 to 1. */
const QUALITY = 0.8;

const SEED = 7;

const { values, positionals } = argumentsOf({
  options: {
    model: { type: 'string', default: 'models/starter' },
    threads: { type: 'string', default: '2' },
    first: { type: 'string' },
    work: { type: 'string', default: join(tmpdir(), 'easel-model-pictures') },
  },
  allowPositionals: true,
});

const exists = (path: string) => stat(path).then(() => true, () => false); // biome-ignore format: one thought

/** "a fox", as captions had it: most names stand alone. */
const asked = (name: string) => (/s$/.test(name) ? name : `${/^[aeiou]/i.test(name) ? 'an' : 'a'} ${name}`);

async function openPainter(): Promise<PaintingModel> {
  const { threads } = await loadOrt(Number(values.threads));
  const model = await loadModel(await openDirectory(values.model), await chooseDevice('wasm', threads));
  if (model.info.fast) await model.adapt({ loras: [fastLoraUse(model)], embeddings: [] });
  return model;
}

/** Paints those prompts whose files are not there. @returns the files, and the seconds that each new one took */
async function paintAll(prompts: readonly string[], folder: string): Promise<{ files: string[]; seconds: number[] }> {
  await mkdir(folder, { recursive: true });
  const seconds: number[] = [];
  let model: PaintingModel | undefined;
  const files: string[] = [];
  for (const [i, prompt] of prompts.entries()) {
    const file = join(folder, `${i}.png`);
    files.push(file);
    if (await exists(file)) continue;
    model ??= await openPainter();
    const { info } = model;
    const request = parseRequest({ ...info.defaults, ...info.fast, prompt, seed: SEED });
    const painted = await paint(model, request, {});
    await writeFile(file, (await encodePicture(painted, request, info)).png);
    seconds.push(painted.timings.totalMs / 1000);
    console.log(`${i + 1} of ${prompts.length}: ${prompt}, ${(painted.timings.totalMs / 1000).toFixed(1)} s`);
  }
  await model?.dispose();
  return { files, seconds };
}

async function readSmall(file: string, side: number): Promise<Picture> {
  const { width, height, data, channels } = decode(await readFile(file));
  const rgba = new Uint8ClampedArray(4 * width * height).fill(255);
  for (let i = 0; i < width * height; i++) for (let c = 0; c < 3; c++) rgba[4 * i + c] = data[channels * i + c];
  return resizePicture({ width, height, data: rgba }, { width: side, height: side });
}

/** All pictures, row by row, as one WebP file. */
async function joined(files: readonly string[], { side, columns }: PictureSheet): Promise<Buffer> {
  const width = side * columns;
  const height = side * Math.ceil(files.length / columns);
  const data = new Uint8Array(4 * width * height);
  for (const [i, file] of files.entries()) {
    const small = await readSmall(file, side);
    const [left, top] = [side * (i % columns), side * Math.floor(i / columns)];
    for (let y = 0; y < side; y++)
      data.set(small.data.subarray(4 * side * y, 4 * side * (y + 1)), 4 * ((top + y) * width + left));
  }
  return asWebp(encode({ width, height, data, channels: 4 }), width, height);
}

/** Encodes by a browser, which is here anyway. */
async function asWebp(png: Uint8Array, width: number, height: number): Promise<Buffer> {
  const browser = await chromium.launch({ executablePath: findChromium(), args: [...QUIET_CHROMIUM] });
  try {
    const page = await browser.newPage();
    const address = `data:image/png;base64,${Buffer.from(png).toString('base64')}`;
    const webp = await page.evaluate<string>(`(async () => {
      const image = new Image();
      image.src = '${address}';
      await image.decode();
      const canvas = Object.assign(document.createElement('canvas'), { width: ${width}, height: ${height} });
      canvas.getContext('2d').drawImage(image, 0, 0);
      return canvas.toDataURL('image/webp', ${QUALITY});
    })()`);
    return Buffer.from(webp.slice(webp.indexOf(',') + 1), 'base64');
  } finally {
    await browser.close();
  }
}

/** Names the file in the manifest, in which it is no part of the model. */
async function enter(what: 'examples' | 'things', sheet: PictureSheet): Promise<void> {
  const path = join(values.model, 'manifest.json');
  const manifest = JSON.parse(await readFile(path, 'utf8'));
  manifest.sheets = { ...manifest.sheets, [what]: sheet };
  parseManifest(manifest);
  await writeFile(path, `${JSON.stringify(manifest, null, 1)}\n`);
}

async function main(): Promise<void> {
  const [what] = positionals;
  if (what !== 'examples' && what !== 'things') throw new Error('Say what to paint: examples or things.');
  const manifest = parseManifest(JSON.parse(await readFile(join(values.model, 'manifest.json'), 'utf8')));
  const all = (what === 'examples' ? manifest.examples : manifest.paints?.things.map(({ name }) => asked(name))) ?? [];
  const first = values.first === undefined ? all.length : Number(values.first);
  const { files, seconds } = await paintAll(all.slice(0, first), join(values.work, what));
  const mean = seconds.reduce((sum, each) => sum + each, 0) / Math.max(1, seconds.length);
  if (seconds.length > 0)
    console.log(`${mean.toFixed(1)} s a picture: ${((mean * all.length) / 60).toFixed(0)} min for ${all.length}`);
  if (first < all.length) return;
  const sheet = SHEETS[what];
  const file = await joined(files, sheet);
  await writeFile(join(values.model, sheet.path), file);
  await enter(what, sheet);
  console.log(`${join(values.model, sheet.path)}: ${files.length} pictures, ${file.length} bytes`);
}

main().then(
  () => process.exit(0), // the provider's threads would keep Node alive
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
