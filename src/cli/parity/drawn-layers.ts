import { mersenneTwister } from '../../core/random';
import { convCase, groupNormCase, linearCase } from '../../model/fixtures/layer-cases';
import { type LayerCase, runLayer } from '../../model/fixtures/one-layer';
import type { ChosenDevice } from '../../model/runtime/device';
import { installKernels } from '../../model/runtime/kernels/own-kernels';
import { relativeError } from './expected';
import type { ParityEvent } from './tree';

/** What both sides add in float32, in other orders, over inner dimensions of up to 810. */
const TOLERANCE = 3e-6;
/** Tiles that are told to keep the card busy: so few are enough that each tiling has its turn. */
const ENOUGH_TILES = [1, 4, 16, 640];

/**
 * Compares layers of drawn sizes with their formulas in float64: no multiples of a tile, of a vector or of anything
 * else, batches of 1 to 3. The same sizes in every run.
 * @param device a WebGPU one in float32, before Easel's kernels are put into it; on the CPU provider, which has none,
 * the formulas and the provider are compared
 * @param own whether Easel's kernels stand in onnxruntime's place, each tiling in turn
 */
export async function compareDrawnLayers(
  device: ChosenDevice,
  own: boolean,
  count: number,
  tell: (event: ParityEvent) => void,
): Promise<void> {
  tell({ kind: 'heading', text: `${count} layers of drawn sizes, against their formulas` });
  const random = mersenneTwister(15);
  const draw: Draw = (from, to) => from + (random() % (to - from + 1));
  const operators = device.report.provider === 'webgpu' ? 'webgpu' : 'plain';
  for (let i = 0; i < count; i++) {
    const { name, layer } = drawLayer(draw);
    const turn = own ? withTiles(device, ENOUGH_TILES[i % ENOUGH_TILES.length]) : device;
    const { actual, expected } = await runLayer(layer, i, turn, { operators, precision: 'float32' });
    tell({ name, kind: 'compared', error: relativeError(actual, expected), tolerance: TOLERANCE });
  }
}

function withTiles(device: ChosenDevice, enoughTiles: number): ChosenDevice {
  const { openGpu } = device;
  if (!openGpu) return device;
  return {
    ...device,
    async openGpu() {
      const gpu = await openGpu();
      installKernels(gpu, enoughTiles);
      return gpu;
    },
  };
}

type Draw = (from: number, to: number) => number;

/** A layer, and what of it tells it from others, in a name without spaces. */
function drawLayer(draw: Draw): { name: string; layer: LayerCase } {
  const map = { batch: draw(1, 3), height: draw(2, 19), width: draw(2, 19) };
  // Easel's kernels read in vectors of four; other counts of channels go to onnxruntime's, and are rarely in fours.
  const inFours = draw(0, 1) === 1;
  const channels = (most: number) => (inFours ? 4 * draw(1, Math.floor(most / 4)) : draw(1, most));
  switch (draw(0, 2)) {
    case 0: {
      const kind = (['same', 'halve', 'halve-after'] as const)[draw(0, 2)];
      const size = { ...map, from: channels(90), to: channels(90), size: 3 as const, kind };
      return { name: `conv${JSON.stringify(size)}`, layer: convCase(size) };
    }
    case 1: {
      const shape = { batch: draw(1, 3), tokens: draw(1, 150), from: channels(150), to: channels(150) };
      const size = { ...shape, bias: draw(0, 1) === 1, kernel: false };
      return { name: `linear${JSON.stringify(size)}`, layer: linearCase(size) };
    }
    default: {
      const size = { ...map, groups: draw(1, 8), each: draw(1, 12), active: draw(0, 1) === 1 };
      return { name: `groupnorm${JSON.stringify(size)}`, layer: groupNormCase(size) };
    }
  }
}
