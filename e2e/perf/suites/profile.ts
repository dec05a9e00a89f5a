import type { WeightSlot } from '../../../src/model/graph/types';
import { buildUnet } from '../../../src/model/graph/unet';
import { buildUpscaler } from '../../../src/model/graph/upscaler';
import type { RrdbConfig } from '../../../src/model/graph/upscaler-config';
import { predictWith, type UnetInput } from '../../../src/model/runtime/denoiser';
import { type ChosenDevice, chooseDevice } from '../../../src/model/runtime/device';
import { withOwnKernels } from '../../../src/model/runtime/kernels/probe';
import { loadOrt } from '../../../src/model/runtime/ort';
import { createSession, type Session } from '../../../src/model/runtime/session';
import { upscaleWith } from '../../../src/model/runtime/upscaler';
import { bindWeights } from '../../../src/model/weights/bind';
import type { TensorEntry } from '../../../src/model/weights/safetensors';
import type { StateDict } from '../../../src/model/weights/state-dict';
import { checkpointOf, REAL, TINY } from '../checkpoint-shapes';
import { DispatchClock } from '../dispatch-clock';
import { median, type Suite } from '../page';
import { convolutionsOf, operatorsOf } from './prepared-networks';

const RUNS = 6;
const TOKENS = 77;

/** A tile of Real-ESRGAN's x4 network, with its margins. */
const UPSCALER: RrdbConfig = { kind: 'rrdb', features: 64, growth: 32, blocks: 23, unshuffle: 1, doublings: 2 };
const TILE = 272;

/**
 * Where a step of Stable Diffusion 1.5's UNet at 512 x 512 and of SDXL's at 1024 x 1024 goes, two predictions each, and
 * a tile of an upscaler: for every program, the card's own time of its dispatches, each of which is put into a pass of
 * its own for that.
 */
export const profile: Suite = async ({ device, kernels, tiny }) => {
  const chosen = await chooseDevice(device, (await loadOrt()).threads);
  const clock = new DispatchClock();
  const on = await withOwnKernels(clock.on(chosen), kernels);
  const step = (family: 'sd1' | 'sdxl', cells: number) => profiled(on, clock, family, tiny ? 8 : cells, tiny);
  return {
    device: on.report,
    sd15: await step('sd1', 64),
    sdxl: await step('sdxl', 128),
    upscaler: await upscalerTile(on, clock, tiny),
  };
};

async function upscalerTile(on: ChosenDevice, clock: DispatchClock, tiny: boolean): Promise<object> {
  const config = { ...UPSCALER, blocks: tiny ? 1 : UPSCALER.blocks };
  const graph = buildUpscaler(config, { operators: operatorsOf(on), precision: on.report.precision });
  const session = await createSession(graph, bindWeights([graph], smallNumbers(graph.weights), 'upscaler'), on);
  const side = tiny ? 16 : TILE;
  const run = upscaleWith(session);
  const image = waves(3 * side * side);
  return timed(() => run(image, side, side), session, clock, tiny);
}

async function profiled(
  on: ChosenDevice,
  clock: DispatchClock,
  family: 'sd1' | 'sdxl',
  cells: number,
  tiny: boolean,
): Promise<object> {
  const { unet: config, towers } = checkpointOf(family, tiny ? TINY : REAL);
  const graph = buildUnet(config, {
    operators: operatorsOf(on),
    precision: on.report.precision,
    convolutions: convolutionsOf(on),
  });
  const session = await createSession(graph, bindWeights([graph], smallNumbers(graph.weights), 'unet'), on, {
    repeats: true,
  });
  const predict = predictWith(session, config);
  const input: UnetInput = {
    sample: waves(2 * 4 * cells * cells),
    batch: 2,
    height: cells,
    width: cells,
    timestep: 500,
    context: waves(2 * TOKENS * config.crossAttentionDim),
    tokens: TOKENS,
    ...(family === 'sdxl' && {
      textEmbeds: waves(2 * towers[1].width),
      timeIds: new Float32Array(12).fill(8 * cells),
    }),
  };
  return timed(() => predict(input), session, clock, tiny);
}

/** A few runs as they are, then one dispatch by dispatch. */
async function timed(
  run: () => Promise<unknown>,
  session: Session,
  clock: DispatchClock,
  tiny: boolean,
): Promise<object> {
  const times: number[] = [];
  for (let i = 0; i < (tiny ? 3 : RUNS); i++) {
    const from = performance.now();
    await run();
    times.push(performance.now() - from);
  }
  clock.start();
  await run();
  const programs = await clock.stop();
  await session.release();
  const gpuMs = programs.reduce((sum, { ms }) => sum + ms, 0);
  const dispatches = programs.reduce((sum, { dispatches }) => sum + dispatches, 0);
  return { stepMs: median(times.slice(2)), gpuMs, dispatches, programs };
}

const waves = (count: number) => Float32Array.from({ length: count }, (_, i) => Math.sin(i * i));

/** Weights of any shape, around 0.01: what they are does not matter for time. */
function smallNumbers(slots: readonly WeightSlot[]): StateDict {
  const sizeOf = (shape: readonly number[]) => 2 * shape.reduce((product, side) => product * side, 1);
  const bytes = new Uint8Array(Math.max(...slots.map(({ shape }) => sizeOf(shape)))).map((_, i) =>
    i % 2 ? 0x21 + 0x80 * ((i >> 1) % 2) : i % 251,
  );
  const entries = new Map<string, TensorEntry>(
    slots.map(({ key, shape }) => [key, { key, shape, dtype: 'F16', path: '', start: 0, end: sizeOf(shape) }]),
  );
  return { entries, read: async (key, from, to) => bytes.slice(from ?? 0, to ?? entries.get(key)?.end) };
}
