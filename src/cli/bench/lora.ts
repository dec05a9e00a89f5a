import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ADAPTER_METHODS } from '../../model/fixtures/adapter-methods';
import { parseUnetConfig } from '../../model/graph/config';
import type { BuiltGraph, WeightSlot } from '../../model/graph/types';
import { buildUnet } from '../../model/graph/unet';
import { ENDINGS, type ModuleKeys } from '../../model/weights/adapters/keys';
import { bindWeights } from '../../model/weights/bind';
import type { AdapterModule, Lora } from '../../model/weights/lora';
import { withLoras } from '../../model/weights/lora-merge';
import type { TensorEntry } from '../../model/weights/safetensors';
import type { StateDict } from '../../model/weights/state-dict';
import { changeOfWeight } from './lora-weight';
import { MACHINE, report } from './report';

const RANK = 32;
const [DOWN, UP] = ['CrossAttnDownBlock2D', 'CrossAttnUpBlock2D'];
const SD15 = {
  block_out_channels: [320, 640, 1280, 1280],
  down_block_types: [DOWN, DOWN, DOWN, 'DownBlock2D'],
  up_block_types: ['UpBlock2D', UP, UP, UP],
  cross_attention_dim: 768,
  attention_head_dim: 8,
};

/** Of memory, looked at whenever a tensor is read; in bytes. */
let highest = 0;

/**
 * Tensors of these shapes in float16, their bytes all taken from one buffer: what they hold does not matter for time.
 */
function anyTensors(shapes: ReadonlyMap<string, readonly number[]>): StateDict {
  const sizeOf = (shape: readonly number[]) => 2 * shape.reduce((product, side) => product * side, 1);
  const bytes = new Uint8Array(Math.max(...Array.from(shapes.values(), sizeOf))).map((_, i) =>
    i % 2 ? 0x2c : i % 251,
  );
  const entries = new Map<string, TensorEntry>(
    Array.from(shapes, ([key, shape]) => [key, { key, shape, dtype: 'F16', path: '', start: 0, end: sizeOf(shape) }]),
  );
  return {
    entries,
    async read(key, from, to) {
      highest = Math.max(highest, memory());
      return bytes.subarray(from ?? 0, to ?? entries.get(key)?.end);
    },
  };
}

/** A file of a method for every layer of the UNet that training changes. */
function fileOf(method: string, slots: readonly WeightSlot[]): Lora {
  const tensors = new Map<string, readonly number[]>();
  const unet = new Map<string, AdapterModule>();
  for (const { key, shape } of slots) {
    const name = key.slice(0, -'.weight'.length).replaceAll('.', '_');
    const keys: ModuleKeys = {};
    for (const [end, own] of Object.entries(ADAPTER_METHODS[method](shape, RANK))) {
      const role = ENDINGS.find(([ending]) => ending.test(`.${end}`))?.[1];
      // Random bits are no sensible alpha: without one it equals the rank.
      if (!role || role === 'alpha') continue;
      keys[role] = `${name}.${end}`;
      tensors.set(`${name}.${end}`, own);
    }
    unet.set(name, { keys });
  }
  const none = new Map();
  const modules = { unet, text_encoder: none, text_encoder_2: none };
  return { name: method, dict: anyTensors(tensors), modules, embeddings: [], unused: [] };
}

/** What a method took. */
interface Cost {
  layers: number;
  fileMB: number;
  /** Processor time of this thread beyond that of serving the weights as they are: others may keep the machine busy. */
  mergingMs: number;
  /** How much memory came on top of what was there before, at its highest. */
  peakMB: number;
}

/**
 * A file of each method, or of those that are named, for every linear layer and every kernel of SD 1.5's UNet, of rank
 * 32, merged as the weights are served in float16, by one core.
 */
export async function lora(names: readonly string[]): Promise<void> {
  const graph = buildUnet(parseUnetConfig(SD15), { operators: 'webgpu', precision: 'float16' });
  const slots = graph.weights.filter(({ key, shape }) => key.endsWith('.weight') && shape.length > 1);
  const plain = anyTensors(new Map(graph.weights.map(({ key, shape }) => [key, shape])));
  const unchanged = (await serve(graph, plain, slots)).ms;
  const table: Record<string, Cost> = {};
  for (const method of Object.keys(ADAPTER_METHODS).filter((name) => names.length === 0 || names.includes(name))) {
    // Where the kernel stands in the middle there is one.
    const own = slots.filter(({ shape }) => !method.includes('kernel') || shape.length > 2);
    const file = fileOf(method, own);
    const merged = withLoras(plain, 'unet', [{ lora: file, unetWeight: 0.8, textWeight: 0.8 }]);
    if (merged.changed !== own.length) throw new Error(`${method}: ${merged.reports[0].unmatched[0]}`);
    const { ms, peak } = await serve(graph, merged.dict, slots);
    const bytes = [...file.dict.entries.values()].reduce((sum, { start, end }) => sum + end - start, 0);
    table[method] = { layers: own.length, fileMB: mb(bytes), mergingMs: Math.round(ms - unchanged), peakMB: mb(peak) };
    console.log(method, table[method]);
  }
  const anotherWeight = await changeOfWeight(graph, fileOf('LoRA', slots.filter(isLinear)), 2 ** 31);
  const figures = { machine: MACHINE, rank: RANK, servingMs: Math.round(unchanged) };
  await report('lora', { ...figures, methods: table, anotherWeight });
}

/** What most LoRAs change. */
const isLinear = ({ shape }: WeightSlot) => shape.length === 2;

const mb = (bytes: number) => Math.round(bytes / 1e6);

async function serve(
  graph: BuiltGraph,
  dict: StateDict,
  slots: readonly WeightSlot[],
): Promise<{ ms: number; peak: number }> {
  const bound = bindWeights([graph], dict, 'unet');
  collectGarbage();
  const at = memory();
  highest = at;
  const before = process.cpuUsage();
  for (const slot of slots) {
    await bound.read(slot);
    highest = Math.max(highest, memory());
  }
  const { user, system } = process.cpuUsage(before);
  return { ms: (user + system) / 1000, peak: highest - at };
}

/** What the method before left would count as this one's. */
setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** Of JavaScript and WebAssembly. */
function memory(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
