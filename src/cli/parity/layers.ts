import {
  activationCase,
  adaptiveResnetCase,
  attentionCase,
  convCase,
  firCase,
  gegluCase,
  groupNormCase,
  layerNormCase,
  linearCase,
  resnetCase,
  selfAttentionCase,
  timestepEmbeddingCase,
  tokensCase,
  transformerCase,
  upsampleCase,
} from '../../model/fixtures/layer-cases';
import { type LayerCase, runLayer } from '../../model/fixtures/one-layer';
import type { ChosenDevice } from '../../model/runtime/device';
import { relativeError } from './expected';
import { NETWORK_TOLERANCE, type ParityEvent, patternOf } from './tree';

const MAP = { batch: 2, height: 8, width: 6 };

/** Layers at sizes that take each way through the provider's kernels: in fours, in threes, one by one. */
const LAYERS: Readonly<Record<string, LayerCase>> = {
  linear: linearCase({ batch: 2, tokens: 77, from: 32, to: 64, bias: true, kernel: false }),
  'linear.kernel': linearCase({ batch: 1, tokens: 48, from: 30, to: 31, bias: false, kernel: true }),
  ...Object.fromEntries(
    [3, 4, 6, 8, 9, 15, 32].map((from) => [
      `conv.${from}-to-32`,
      convCase({ ...MAP, from, to: 32, size: 3, kind: 'same' }),
    ]),
  ),
  'conv.32-to-4': convCase({ ...MAP, from: 32, to: 4, size: 3, kind: 'same' }),
  'conv.1x1': convCase({ ...MAP, from: 8, to: 8, size: 1, kind: 'same' }),
  'conv.halve': convCase({ ...MAP, from: 32, to: 32, size: 3, kind: 'halve' }),
  'conv.halve-after': convCase({ ...MAP, from: 32, to: 32, size: 3, kind: 'halve-after' }),
  'conv.relu': convCase({ ...MAP, from: 32, to: 64, size: 3, kind: 'same', active: 'relu' }),
  'conv.leaky-relu': convCase({ ...MAP, from: 32, to: 96, size: 3, kind: 'same', active: 'leaky-relu' }),
  groupnorm: groupNormCase({ ...MAP, groups: 8, each: 4, active: false }),
  'groupnorm.silu': groupNormCase({ ...MAP, groups: 16, each: 2, active: true }),
  layernorm: layerNormCase({ batch: 2, tokens: 77, channels: 32 }),
  silu: activationCase({ kind: 'silu', count: 1000 }),
  gelu: activationCase({ kind: 'gelu', count: 1000 }),
  quickgelu: activationCase({ kind: 'quickGelu', count: 1000 }),
  'attention.self': attentionCase({ batch: 2, queries: 48, keys: 48, heads: 8, each: 4, masked: false }),
  'attention.cross': attentionCase({ batch: 2, queries: 48, keys: 77, heads: 4, each: 40, masked: false }),
  'attention.heads-of-64': attentionCase({ batch: 2, queries: 150, keys: 77, heads: 3, each: 64, masked: false }),
  'attention.bias': attentionCase({ batch: 1, queries: 77, keys: 77, heads: 2, each: 16, masked: true }),
  'attention.wide': selfAttentionCase({ batch: 1, tokens: 50, heads: 0, each: 512, count: 16, least: 1 }),
  geglu: gegluCase({ batch: 2, tokens: 48, from: 32, to: 128 }),
  upsample: upsampleCase({ ...MAP, channels: 32, odd: false }),
  'upsample.odd': upsampleCase({ ...MAP, channels: 32, odd: true }),
  // Back again would be no work at all: onnxruntime drops the pair.
  tokens: tokensCase({ ...MAP, channels: 32, back: false }),
  timestep: timestepEmbeddingCase({ timestep: 981, channels: 320, cosineFirst: true, shift: 0, to: 128 }),
  'fir.half': firCase({ ...MAP, channels: 3, to: 'half' }),
  'fir.double': firCase({ ...MAP, channels: 32, to: 'double' }),
  'resnet.adaptive': adaptiveResnetCase({ ...MAP, groups: 8, each: 4, resampled: 'mean', projects: true, scale: 1.5 }),
  resnet: resnetCase({ ...MAP, groups: 8, from: 4, to: 8, timed: true }),
  transformer: transformerCase({ ...MAP, heads: 8, each: 4, tokens: 77, depth: 1, linearProjection: false }),
};

/**
 * Compares layers, one graph each, with their formulas in float64, on random weights and inputs.
 * @param only a pattern that picks layers by name.
 */
export async function compareLayers(
  device: ChosenDevice,
  only: string,
  tell: (event: ParityEvent) => void,
): Promise<void> {
  const { provider } = device.report;
  const pattern = patternOf(only);
  tell({ kind: 'heading', text: 'layers, against their formulas' });
  for (const [name, layer] of Object.entries(LAYERS).filter(([key]) => pattern.test(key))) {
    const operators = provider === 'webgpu' ? 'webgpu' : 'plain';
    const { actual, expected } = await runLayer(layer, 1, device, { operators, precision: 'float32' });
    tell({ name, kind: 'compared', error: relativeError(actual, expected), tolerance: NETWORK_TOLERANCE[provider] });
  }
}
