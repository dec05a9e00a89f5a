import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { EaselError, listed, said, spoken } from '../../core/errors';
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

/** What files of full training and PEFT change beside matrices and kernels, as `ADAPTER_METHODS`. */
const BESIDE: typeof ADAPTER_METHODS = {
  'norm differences': ([channels]) => ({ w_norm: [channels], b_norm: [channels] }),
  'bias differences': ([rows]) => ({ diff_b: [rows] }),
  'LoRA with biases': ([rows, inputs, ...kernel], rank) => ({
    'lora_A.weight': [rank, inputs, ...kernel],
    'lora_B.weight': [rows, rank, ...kernel.map(() => 1)],
    'lora_B.bias': [rows],
  }),
};
const ALL = { ...ADAPTER_METHODS, ...BESIDE };
/** The name of what is measured beside the methods. */
const WEIGHT = 'weight';

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

/** A file of a method for these layers of the UNet. */
function fileOf(method: string, slots: readonly WeightSlot[]): Lora {
  const tensors = new Map<string, readonly number[]>();
  const unet = new Map<string, AdapterModule>();
  for (const { key, shape } of slots) {
    const name = key.slice(0, -'.weight'.length).replaceAll('.', '_');
    const keys: ModuleKeys = {};
    for (const [end, own] of Object.entries(ALL[method](shape, RANK))) {
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
 * A file of each method for every layer of SD 1.5's UNet that it changes, of rank 32, merged as the weights are served
 * in float16, by one core; and a change of a LoRA's weight.
 * @param names how the names of the methods that are wanted begin; `weight` for the change of weight; all if none
 */
export async function lora(names: readonly string[]): Promise<void> {
  const wanted = wantedOf(names);
  const graph = buildUnet(parseUnetConfig(SD15), { operators: 'webgpu', precision: 'float16' });
  const plain = anyTensors(new Map(graph.weights.map(({ key, shape }) => [key, shape])));
  const unchanged = (await serve(graph, plain)).ms;
  const table: Record<string, Cost> = {};
  for (const method of wanted.filter((name) => name !== WEIGHT)) {
    const own = layersOf(method, graph);
    const file = fileOf(method, own);
    const { dict, reports } = withLoras(plain, 'unet', [{ lora: file, unetWeight: 0.8, textWeight: 0.8 }]);
    const [{ used, unmatched }] = reports;
    if (used !== own.length || unmatched.length > 0) throw new Error(`${method}: ${spoken(listed(unmatched, ', '))}`);
    const { ms, peak } = await serve(graph, dict);
    const bytes = [...file.dict.entries.values()].reduce((sum, { start, end }) => sum + end - start, 0);
    table[method] = { layers: own.length, fileMB: mb(bytes), mergingMs: Math.round(ms - unchanged), peakMB: mb(peak) };
    console.log(method, table[method]);
  }
  const changed: Record<string, object> = wanted.includes(WEIGHT)
    ? { anotherWeight: await changeOfWeight(graph, fileOf('LoRA', graph.weights.filter(isLinear)), 2 ** 31) }
    : {};
  const figures = { machine: MACHINE, rank: RANK, servingMs: Math.round(unchanged) };
  await report('lora', { ...figures, methods: table, ...changed });
}

function wantedOf(names: readonly string[]): string[] {
  const known = [...Object.keys(ALL), WEIGHT];
  const begins = (name: string, wanted: string) => name.toLowerCase().startsWith(wanted.toLowerCase());
  const unknown = names.find((wanted) => !known.some((name) => begins(name, wanted)));
  if (unknown)
    throw new EaselError('bad-request', said`No method begins with "${unknown}". Known: ${known.join(', ')}.`);
  return known.filter((name) => names.length === 0 || names.some((wanted) => begins(name, wanted)));
}

/** The weights that a method's file changes, alone or with their bias. */
function layersOf(method: string, { weights }: BuiltGraph): WeightSlot[] {
  const keys = new Set(weights.map(({ key }) => key));
  const hasBias = (key: string) => keys.has(key.replace(/weight$/, 'bias'));
  return weights.filter(({ key, shape }) => {
    if (!key.endsWith('.weight')) return false;
    if (method.includes('norm')) return shape.length === 1;
    if (method.includes('bias')) return shape.length > 1 && hasBias(key);
    // Where the kernel stands in the middle there is one.
    return shape.length > (method.includes('kernel') ? 2 : 1);
  });
}

/** What most LoRAs change. */
const isLinear = ({ key, shape }: WeightSlot) => key.endsWith('.weight') && shape.length === 2;

const mb = (bytes: number) => Math.round(bytes / 1e6);

async function serve(graph: BuiltGraph, dict: StateDict): Promise<{ ms: number; peak: number }> {
  const bound = bindWeights([graph], dict, 'unet');
  collectGarbage();
  const at = memory();
  highest = at;
  const before = process.cpuUsage();
  for (const slot of graph.weights) {
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
