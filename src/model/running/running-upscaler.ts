import { EaselError, type Said, said } from '../../core/errors';
import type { FinishedRows } from '../../core/tiles';
import { buildUpscaler } from '../graph/upscaler';
import { scaleOf, sideMultiple, type UpscalerConfig } from '../graph/upscaler-config';
import type { Network } from '../layouts/network';
import { readUpscaler } from '../layouts/upscaler-file';
import { expectPart } from '../parts/index';
import { type ChosenDevice, largestTensor } from '../runtime/device';
import { createSession, type Session } from '../runtime/session';
import { upscaleWith } from '../runtime/upscaler';
import { bindWeights } from '../weights/bind';
import type { Precision } from '../weights/dtypes';
import type { ModelFiles } from '../weights/model-files';
import { openFile } from '../weights/state-dict';
import { finiteRuns } from './half';
import { hasOwnConvolutions } from './memory';
import { inTiles, inTilesThatFit, type TileHooks } from './tiles';

interface Size {
  height: number;
  width: number;
}

/** An upscaler on its device, which it takes when it is first used. */
export interface RunningUpscaler {
  /** How many times larger it makes a picture. */
  readonly scale: number;
  /**
   * RGB planes [3, height, width] of 0..1 `scale` times as large, about 0..1, in tiles where they are large. Where
   * memory runs short it begins anew with smaller tiles.
   * @param take what comes out, by rows from the top
   * @throws EaselError `out-of-memory` where even small tiles do not fit
   */
  enlarge(image: Float32Array, size: Size, take: (finished: FinishedRows) => void, hooks?: TileHooks): Promise<void>;
  release(): Promise<void>;
  /** Sentences on how it ran since it was last asked, for the person. */
  takeNotes(): Said[];
}

/**
 * Opens an upscaler's file; its weights are read when it is first used.
 * @throws EaselError `unsupported` saying what the file is instead, `corrupt` naming what is damaged.
 */
export async function openUpscaler(files: ModelFiles, path: string, device: ChosenDevice): Promise<RunningUpscaler> {
  const file = await openFile(files, path);
  expectPart(file, ['upscaler'], said`an upscaler`);
  return runUpscaler(readUpscaler(file), device);
}

/**
 * Sides of tiles, in the picture's pixels: each is tried where memory was short for the one before. By the first, 512
 * pixels are two tiles and 1024 four, with little that is computed twice.
 */
const TILES = [288, 128, 64] as const;
/** What the network sees of a pixel's surroundings that matters most. */
const MARGIN = 8;
const FLOAT_BYTES = 4;
/** What a run may take of WebAssembly's memory for one feature map. */
const WASM_MAP_BYTES = 2 ** 29;

function runUpscaler(network: Network<UpscalerConfig>, device: ChosenDevice): RunningUpscaler {
  const { name, config } = network;
  const scale = scaleOf(config);
  const tiles = TILES.filter((side) => fits(config, side, device));
  let precision: Precision = hasOwnConvolutions(device.report) ? device.report.precision : 'float32';
  let session: Promise<Session> | undefined;
  const notes: Said[] = [];
  const release = async () => {
    const running = await session?.catch(() => undefined);
    session = undefined;
    await running?.release();
  };
  const finite = finiteRuns(name, {
    precision: () => precision,
    async toFloat32() {
      await release();
      precision = 'float32';
    },
    tell: (note) => void notes.push(note),
  });
  const run = (tile: Float32Array, height: number, width: number, signal?: AbortSignal) =>
    finite(
      async () => {
        session ??= start(network, device, precision, signal);
        return paddedRun(await session, config, tile, height, width);
      },
      (upscaled) => upscaled,
    );
  return {
    scale,
    async enlarge(image, size, take, { signal, onTile } = {}) {
      if (tiles.length === 0)
        throw new EaselError('out-of-memory', said`${name} does not fit this device’s memory. Use Lanczos instead.`);
      const runTile = (tile: Float32Array, height: number, width: number) => run(tile, height, width, signal);
      await inTilesThatFit(
        tiles,
        (side) => inTiles(runTile, image, { ...size, side, margin: MARGIN }, take, { signal, onTile }),
        async (side, next) => {
          await release();
          notes.push(said`Memory ran short for tiles of ${side} pixels; ${name} goes on with tiles of ${next}.`);
        },
      );
    },
    release,
    takeNotes: () => notes.splice(0),
  };
}

/** Whether the largest map, as large as what comes out and as deep as the network, fits one buffer. */
function fits(config: UpscalerConfig, side: number, { limits }: ChosenDevice): boolean {
  const most = limits ? largestTensor(limits) : WASM_MAP_BYTES;
  return config.features * FLOAT_BYTES * (side * scaleOf(config)) ** 2 <= most;
}

function start(
  { name, config, weights }: Network<UpscalerConfig>,
  device: ChosenDevice,
  precision: Precision,
  signal?: AbortSignal,
): Promise<Session> {
  const operators = device.report.provider === 'webgpu' ? 'webgpu' : 'plain';
  const graph = buildUpscaler(config, { operators, precision });
  return createSession(graph, bindWeights([graph], weights, name), device, { signal });
}

/** Runs a tile whose sides need not be multiples of what the network takes: its last pixels are repeated meanwhile. */
async function paddedRun(
  session: Session,
  config: UpscalerConfig,
  tile: Float32Array,
  height: number,
  width: number,
): Promise<Float32Array> {
  const multiple = sideMultiple(config);
  const whole = (side: number) => Math.ceil(side / multiple) * multiple;
  const [h, w] = [whole(height), whole(width)];
  const run = upscaleWith(session);
  if (h === height && w === width) return run(tile, height, width);
  const scale = scaleOf(config);
  const given = planesAt(tile, { height, width }, { height: h, width: w });
  const out = await run(given, h, w);
  return planesAt(out, { height: h * scale, width: w * scale }, { height: height * scale, width: width * scale });
}

/** RGB planes cut to another size from the top left, or made larger by repeating their last row and column. */
function planesAt(planes: Float32Array, from: Size, to: Size): Float32Array {
  const out = new Float32Array(3 * to.height * to.width);
  for (let c = 0; c < 3; c++)
    for (let y = 0; y < to.height; y++) {
      const row = (c * from.height + Math.min(y, from.height - 1)) * from.width;
      for (let x = 0; x < to.width; x++)
        out[(c * to.height + y) * to.width + x] = planes[row + Math.min(x, from.width - 1)];
    }
  return out;
}
