import { parseUnetConfig } from '../../model/graph/config';
import type { WeightSlot } from '../../model/graph/types';
import { buildUnet } from '../../model/graph/unet';
import { bindWeights } from '../../model/weights/bind';
import type { Lora } from '../../model/weights/lora';
import { withLoras } from '../../model/weights/lora-merge';
import type { TensorEntry } from '../../model/weights/safetensors';
import type { StateDict } from '../../model/weights/state-dict';
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
  return { entries, read: async (key, from, to) => bytes.subarray(from ?? 0, to ?? entries.get(key)?.end) };
}

/** A LoRA of rank 32 for every linear layer of SD 1.5's UNet, merged as its weights are served in float16. */
export async function lora(): Promise<void> {
  const graph = buildUnet(parseUnetConfig(SD15), { operators: 'webgpu', precision: 'float16' });
  const slots = graph.weights.filter(({ key }) =>
    /\.(to_\w+(\.0)?|net\.[02](\.proj)?|proj_in|proj_out)\.weight$/.test(key),
  );
  const factors = new Map<string, readonly number[]>();
  const unet = new Map<string, { up: string; down: string }>();
  let products = 0;
  for (const { key, shape } of slots) {
    const [to, from] = shape;
    const name = key.slice(0, -'.weight'.length).replaceAll('.', '_');
    factors.set(`${name}.up`, [to, RANK]).set(`${name}.down`, [RANK, from]);
    unet.set(name, { up: `${name}.up`, down: `${name}.down` });
    products += to * RANK * from;
  }
  const none = new Map();
  const file: Lora = {
    name: 'bench',
    dict: anyTensors(factors),
    modules: { unet, text_encoder: none, text_encoder_2: none },
    embeddings: [],
    unused: [],
  };
  const plain = anyTensors(new Map(graph.weights.map(({ key, shape }) => [key, shape])));
  const merged = withLoras(plain, 'unet', [{ lora: file, unetWeight: 0.8, textWeight: 0.8 }]);
  const [withoutMs, withMs] = [await servingMs(plain, slots), await servingMs(merged.dict, slots)];
  await report('lora', {
    machine: MACHINE,
    what: `rank ${RANK}, ${merged.changed} layers of SD 1.5's UNet, ${(products / 1e9).toFixed(1)} billion products, one core`,
    servingMs: Math.round(withoutMs),
    mergingMs: Math.round(withMs - withoutMs),
  });

  /** Processor time of this thread, since others may keep the machine busy. */
  async function servingMs(dict: StateDict, these: readonly WeightSlot[]): Promise<number> {
    const bound = bindWeights([graph], dict, 'unet');
    const before = process.cpuUsage();
    for (const slot of these) await bound.read(slot);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  }
}
