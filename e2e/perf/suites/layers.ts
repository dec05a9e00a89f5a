import { relativeError } from '../../../src/cli/parity/expected';
import { compareLayers } from '../../../src/cli/parity/layers';
import type { ParityEvent } from '../../../src/cli/parity/tree';
import { mersenneTwister } from '../../../src/core/random';
import { convCase, groupNormCase, linearCase } from '../../../src/model/fixtures/layer-cases';
import { type LayerCase, runLayer } from '../../../src/model/fixtures/one-layer';
import { type ChosenDevice, chooseDevice } from '../../../src/model/runtime/device';
import { installKernels } from '../../../src/model/runtime/kernels/own-kernels';
import { withOwnKernels } from '../../../src/model/runtime/kernels/probe';
import { loadOrt } from '../../../src/model/runtime/ort';
import type { Suite } from '../page';

const DRAWN = 300;

/**
 * Our kernels in float32 against the formulas of the layers: the parity command's cases, then as many of drawn sizes,
 * which are no multiples of a tile, of a vector or of anything else.
 */
export const layers: Suite = async ({ device, tiny }) => {
  const { threads } = await loadOrt();
  const chosen = await chooseDevice(device, threads);
  const report = { ...chosen.report, precision: 'float32' as const };
  const on = await withOwnKernels({ ...chosen, report }, 'own');
  const compared: Extract<ParityEvent, { kind: 'compared' }>[] = [];
  await compareLayers(on, tiny ? '^conv.32-to-4$' : '', (event) => {
    if (event.kind === 'compared') compared.push(event);
  });
  const random = mersenneTwister(15);
  const drawn: { name: string; error: number }[] = [];
  for (let i = 0; i < (tiny ? 3 : DRAWN); i++) {
    const { name, layer } = drawLayer((from, to) => from + (random() % (to - from + 1)));
    // So few tiles are enough that each tiling has its turn.
    const turn = { ...on, openGpu: () => opened(chosen, [1, 4, 16, 640][i % 4]) };
    const { actual, expected } = await runLayer(layer, i, turn, { operators: 'webgpu', precision: 'float32' });
    drawn.push({ name, error: relativeError(actual, expected) });
  }
  drawn.sort((a, b) => b.error - a.error);
  return {
    device: on.report,
    compared: compared.map(({ name, error }) => ({ name, error })),
    drawn: drawn.length,
    worst: drawn.slice(0, 10),
  };
};

async function opened({ openGpu }: ChosenDevice, enoughTiles: number): Promise<GPUDevice> {
  if (!openGpu) throw new Error('There is no WebGPU here.');
  const gpu = await openGpu();
  installKernels(gpu, enoughTiles);
  return gpu;
}

type Draw = (from: number, to: number) => number;

function drawLayer(draw: Draw): { name: string; layer: LayerCase } {
  const map = { batch: draw(1, 3), height: draw(2, 19), width: draw(2, 19) };
  switch (draw(0, 2)) {
    case 0: {
      const kind = (['same', 'halve', 'halve-after'] as const)[draw(0, 2)];
      const size = { ...map, from: draw(1, 90), to: draw(1, 90), size: 3 as const, kind };
      return { name: `conv ${JSON.stringify(size)}`, layer: convCase(size) };
    }
    case 1: {
      const size = {
        batch: draw(1, 3),
        tokens: draw(1, 150),
        from: draw(1, 150),
        to: draw(1, 150),
        bias: draw(0, 1) === 1,
        kernel: false,
      };
      return { name: `linear ${JSON.stringify(size)}`, layer: linearCase(size) };
    }
    default: {
      const size = { ...map, groups: draw(1, 8), each: draw(1, 12), active: draw(0, 1) === 1 };
      return { name: `groupnorm ${JSON.stringify(size)}`, layer: groupNormCase(size) };
    }
  }
}
