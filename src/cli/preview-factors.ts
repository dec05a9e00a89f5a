/**
 * npx tsx src/cli/preview-factors.ts PNG_FOLDER [--model FOLDER] [--taps 3] [--scale 4] [--write]
 *
 * Fits the linear map that draws a model's live previews (`PreviewFactors`): square pictures go through its own
 * autoencoder and back, and least squares finds the pixels from the latents. Every fourth picture is kept to measure
 * with: the peak signal-to-noise ratio against the autoencoder, of the map in the manifest and of the new one, which
 * --write puts in its place.
 */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type PreviewFactors, previewPixels } from '../core/diffusion/latent-format';
import { pictureToPlanes, planesToRgb } from '../core/image/planes';
import { loadModel } from '../model/running/load';
import type { PaintingModel } from '../model/running/painting-model';
import { chooseDevice } from '../model/runtime/device';
import { loadOrt } from '../model/runtime/ort';
import { argumentsOf } from './arguments';
import { openDirectory } from './directory';
import { readPicture } from './png';

/** A latent and what the autoencoder makes of it: [channels, side, side], and RGB bytes of `pixels` a side. */
interface Pair {
  latent: Float32Array;
  side: number;
  rgb: Uint8Array;
  pixels: number;
}

/** Keeps rare latents from being given great factors. */
const RIDGE = 1e-5;
/** Factors are written with so many decimals. */
const DECIMALS = 4;

async function pairOf(model: PaintingModel, file: string): Promise<Pair> {
  const picture = await readPicture(file);
  const pixels = picture.width;
  const side = pixels / model.info.latentScale;
  const { mean } = await model.encode(pictureToPlanes(picture), pixels, pixels);
  return { latent: mean, side, rgb: planesToRgb(await model.decode(mean, side, side)), pixels };
}

/**
 * Adds a picture's cells to the normal equations of the least squares: `gram` of all that a cell reads, `right` with
 * the pixels that it becomes.
 */
function addCells({ latent, side, rgb, pixels }: Pair, taps: number, scale: number, gram: Matrix, right: Matrix): void {
  // A map that hands on one tap after another says what a cell reads.
  const reads = cellReader(latent, side, taps);
  const block = pixels / side / scale;
  for (let cell = 0; cell < side * side; cell++) {
    const inputs = reads(cell);
    const [x, y] = [cell % side, Math.floor(cell / side)];
    const outputs = Array.from({ length: 3 * scale * scale }, (_, column) => {
      const [pixel, channel] = [Math.floor(column / 3), column % 3];
      const left = (x * scale + (pixel % scale)) * block;
      const top = (y * scale + Math.floor(pixel / scale)) * block;
      return meanOf(rgb, pixels, { left, top, block, channel }) / 127.5 - 1;
    });
    for (const [i, a] of inputs.entries()) {
      for (const [j, b] of inputs.entries()) gram[i][j] += a * b;
      for (const [j, b] of outputs.entries()) right[i][j] += a * b;
    }
  }
}

/** What a cell and its neighbours hold, as the rows of `PreviewFactors` have it, and 1 for the bias. */
function cellReader(latent: Float32Array, side: number, taps: number): (cell: number) => number[] {
  const channels = latent.length / side ** 2;
  const reach = (taps - 1) / 2;
  const within = (i: number) => Math.min(side - 1, Math.max(0, i));
  const offsets = Array.from({ length: taps * taps }, (_, i) => [(i % taps) - reach, Math.floor(i / taps) - reach]);
  return (cell) => {
    const [x, y] = [cell % side, Math.floor(cell / side)];
    const all = Array.from({ length: channels }, (_, channel) =>
      offsets.map(([dx, dy]) => latent[(channel * side + within(y + dy)) * side + within(x + dx)]),
    );
    return [...all.flat(), 1];
  };
}

function meanOf(
  rgb: Uint8Array,
  pixels: number,
  at: { left: number; top: number; block: number; channel: number },
): number {
  let sum = 0;
  for (let y = at.top; y < at.top + at.block; y++)
    for (let x = at.left; x < at.left + at.block; x++) sum += rgb[3 * (y * pixels + x) + at.channel];
  return sum / at.block ** 2;
}

type Matrix = Float64Array[];

const matrix = (rows: number, columns: number): Matrix => Array.from({ length: rows }, () => new Float64Array(columns));

/** Solves gram X = right by elimination; gram is symmetric and positive definite. */
function solve(gram: Matrix, right: Matrix): Matrix {
  const rows = gram.map((row, i) => Float64Array.from([...row, ...right[i]]));
  const size = rows.length;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      if (j === i) continue;
      const factor = rows[j][i] / rows[i][i];
      for (let k = i; k < rows[i].length; k++) rows[j][k] -= factor * rows[i][k];
    }
  }
  return rows.map((row, i) => row.slice(size).map((value) => value / row[i]));
}

function fittedFactors(pairs: readonly Pair[], taps: number, scale: number): PreviewFactors {
  const size = cellReader(pairs[0].latent, pairs[0].side, taps)(0).length;
  const [gram, right] = [matrix(size, size), matrix(size, 3 * scale * scale)];
  for (const pair of pairs) addCells(pair, taps, scale, gram, right);
  const cells = gram[size - 1][size - 1];
  for (let i = 0; i < size; i++) gram[i][i] += RIDGE * cells;
  return solve(gram, right).map((row) => Array.from(row, (value) => Number(value.toFixed(DECIMALS))));
}

/** In decibels, over all pictures; a preview's pixel stands for all that it covers. */
function psnr(pairs: readonly Pair[], factors: PreviewFactors): number {
  let [sum, count] = [0, 0];
  for (const { latent, side, rgb, pixels } of pairs) {
    const preview = previewPixels(latent, side, side, factors);
    const block = pixels / preview.width;
    for (let i = 0; i < pixels * pixels; i++) {
      const [x, y] = [Math.floor((i % pixels) / block), Math.floor(i / pixels / block)];
      for (let c = 0; c < 3; c++) sum += (preview.rgba[4 * (y * preview.width + x) + c] - rgb[3 * i + c]) ** 2;
    }
    count += 3 * pixels * pixels;
  }
  return 10 * Math.log10(255 ** 2 / (sum / count));
}

async function main(): Promise<void> {
  const { values, positionals } = argumentsOf({
    options: {
      model: { type: 'string', default: 'models/starter' },
      taps: { type: 'string', default: '3' },
      scale: { type: 'string', default: '4' },
      write: { type: 'boolean' },
    },
    allowPositionals: true,
  });
  const [folder = '.'] = positionals;
  const files = (await readdir(folder)).filter((file) => file.endsWith('.png')).sort();
  const { threads } = await loadOrt();
  const model = await loadModel(await openDirectory(values.model), await chooseDevice('wasm', threads));
  const pairs: Pair[] = [];
  for (const file of files) pairs.push(await pairOf(model, join(folder, file)));
  const [fitted, measured] = [pairs.filter((_, i) => i % 4 !== 3), pairs.filter((_, i) => i % 4 === 3)];
  const factors = fittedFactors(fitted, Number(values.taps), Number(values.scale));
  const { previewFactors } = model.info;
  console.log(`${fitted.length} pictures fitted, ${measured.length} measured`);
  if (previewFactors) console.log(`before ${psnr(measured, previewFactors).toFixed(2)} dB`);
  console.log(`after ${psnr(measured, factors).toFixed(2)} dB, ${factors.length * factors[0].length} numbers`);
  if (!values.write) return;
  const path = join(values.model, 'manifest.json');
  const manifest = JSON.parse(await readFile(path, 'utf8'));
  await writeFile(path, `${JSON.stringify({ ...manifest, previewFactors: factors }, null, 1)}\n`);
}

main().then(
  () => process.exit(0), // the provider's threads would keep Node alive
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
