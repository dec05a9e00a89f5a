/** What the suites share: models over HTTP, files given back to `run.py`, and comparing pictures. */
import { parseRequest } from '../../src/core/request/request';
import { openSource } from '../../src/engine/model-source';
import { loadModel } from '../../src/model/running/load';
import type { PaintingModel } from '../../src/model/running/painting-model';
import { chooseDevice, type DevicePreference } from '../../src/model/runtime/device';
import { type KernelChoice, withOwnKernels } from '../../src/model/runtime/kernels/probe';
import { loadOrt } from '../../src/model/runtime/ort';

export interface SuiteOptions {
  /** The device of the run: `webgpu`, or in a rehearsal without a card `wasm`. */
  device: DevicePreference;
  /** Whose kernels run where a suite does not compare them itself. */
  kernels: KernelChoice;
  /** A rehearsal: the same steps with as little work as possible. */
  tiny: boolean;
  /** Steps of a picture where a suite has a number of its own. */
  steps?: number;
  /** What is measured a second time otherwise is left out. */
  once: boolean;
  /** Of `shortage`, where it has no situations of its own: "GIB:SIDE,...". */
  situations?: string;
  /** What run.py put into the page's file input. */
  files: readonly File[];
}

export type Suite = (options: SuiteOptions) => Promise<object>;

/** The bundled model, from the server of run.py. */
export async function openStarter(device: DevicePreference, kernels: KernelChoice = 'auto'): Promise<PaintingModel> {
  const { threads } = await loadOrt();
  const files = await openSource({ kind: 'url', base: '/models/starter/' }, () => undefined);
  return loadModel(files, await withOwnKernels(await chooseDevice(device, threads), kernels));
}

/** The starter's own settings, with others on top; a rehearsal paints two steps at 64 x 64. */
export function requestOf(model: PaintingModel, tiny: boolean, fields: object) {
  const small = tiny ? { width: 64, height: 64, steps: 2 } : {};
  return parseRequest({ ...model.info.defaults, eta: undefined, seed: 7, ...fields, ...small });
}

/** A file that prepare.py made. */
export async function prepared(path: string): Promise<Response> {
  const response = await fetch(`/prepared/${path}`);
  if (!response.ok) throw new Error(`prepare.py has not made ${path}.`);
  return response;
}

export const preparedFloats = async (path: string) => new Float32Array(await (await prepared(path)).arrayBuffer());

/** Keeps a file: `out` comes back from the machine, `work` stays there for what runs next. */
export async function keep(
  where: 'out' | 'work',
  name: string,
  content: Blob | Uint8Array<ArrayBuffer>,
): Promise<void> {
  const { ok } = await fetch(`/${where}/${name}`, { method: 'POST', body: content });
  if (!ok) throw new Error(`${name} could not be written.`);
}

/** What the card's driver counts as taken, in megabytes; 0 where there is none. */
export async function cardMegabytes(): Promise<number> {
  return Number(await (await fetch('/card-megabytes')).text());
}

/** The most that it counted since this was asked last. */
export async function cardPeak(): Promise<number> {
  return Number(await (await fetch('/card-peak')).text());
}

/**
 * Has another program take all of the card's memory but so much; without a size it ends.
 * @returns what is free then, by the driver; undefined where there is no card
 */
export async function leaveFree(gib?: number): Promise<number | undefined> {
  const left: { freeMegabytes: number } | null = await (await fetch(`/leave-free/${gib ?? ''}`)).json();
  return left?.freeMegabytes;
}

export const spawnEngine = () => new Worker(new URL('../../src/engine/worker.ts', import.meta.url), { type: 'module' });

export const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1];

/** Mean absolute difference in levels of 0..255, and the peak signal-to-noise ratio in dB. */
export function pictureDifference(a: Uint8Array, b: Uint8Array): { mean: number; psnr: number } {
  let [sum, squares] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    sum += Math.abs(a[i] - b[i]);
    squares += (a[i] - b[i]) ** 2;
  }
  return { mean: sum / a.length, psnr: 10 * Math.log10(255 ** 2 / (squares / a.length)) };
}

/** Pictures beside and below each other, `columns` to a row, each with room for words above it. */
export class Sheet {
  readonly #canvas: OffscreenCanvas;
  readonly #context: OffscreenCanvasRenderingContext2D;

  constructor(
    readonly columns: number,
    rows: number,
    readonly side: number,
    readonly words = 0,
  ) {
    this.#canvas = new OffscreenCanvas(columns * side, rows * (side + words));
    this.#context = this.#canvas.getContext('2d') as OffscreenCanvasRenderingContext2D;
    this.#context.fillStyle = 'white';
    this.#context.fillRect(0, 0, this.#canvas.width, this.#canvas.height);
    this.#context.fillStyle = 'black';
    this.#context.font = '9px sans-serif';
  }

  async draw(
    row: number,
    column: number,
    { rgb, width, height }: { rgb: Uint8Array; width: number; height: number },
    text = '',
  ): Promise<void> {
    const [x, y] = [column * this.side, row * (this.side + this.words)];
    const bitmap = await createImageBitmap(imageOf(rgb, width, height));
    this.#context.drawImage(bitmap, x, y + this.words, this.side, this.side);
    if (text) this.#context.fillText(text, x + 1, y + this.words - 3, this.side - 2);
  }

  async jpeg(): Promise<Blob> {
    return this.#canvas.convertToBlob({ type: 'image/jpeg', quality: 0.88 });
  }

  /** Smaller, for what the page itself shows. */
  async webp(): Promise<Blob> {
    return this.#canvas.convertToBlob({ type: 'image/webp', quality: 0.8 });
  }
}

function imageOf(rgb: Uint8Array, width: number, height: number): ImageData {
  const image = new ImageData(width, height);
  for (let i = 0, j = 0; j < rgb.length; i += 4, j += 3) image.data.set([rgb[j], rgb[j + 1], rgb[j + 2], 255], i);
  return image;
}
