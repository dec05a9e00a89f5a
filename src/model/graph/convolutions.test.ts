import { describe, expect, it } from 'vitest';
import { relativeError } from '../../cli/parity/expected';
import { checkpointOf, graphsOf, modelOf, same } from '../fixtures/checkpoints';
import { safetensorsFile } from '../fixtures/random-model';
import { predictWith } from '../runtime/denoiser';
import { chooseDevice } from '../runtime/device';
import { createSession } from '../runtime/session';
import { bindWeights } from '../weights/bind';
import { memoryFiles } from '../weights/memory-files';
import { openStateDict } from '../weights/state-dict';
import { DATA_TYPES } from './proto';
import type { Dialect } from './types';

const HALF: Dialect = { operators: 'webgpu', precision: 'float16' };

describe('a float16 UNet with convolutions in float32', () => {
  const { unet: mixed } = graphsOf(modelOf('sd1', 9), { ...HALF, convolutions: 'float32' });
  const producer = new Map(mixed.nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
  const casts = (to: keyof typeof DATA_TYPES) =>
    mixed.nodes.filter(({ op, attributes }) => op === 'Cast' && attributes.to === DATA_TYPES[to]);
  const convolutions = mixed.nodes.filter(({ op }) => op === 'Conv');

  it('gives each a map cast to float32, and what follows its result in float16', () => {
    expect(convolutions.length).toBeGreaterThan(10);
    for (const { name, inputs, outputs } of convolutions) {
      let map = producer.get(inputs[0]);
      // Nine channels are filled up to twelve.
      if (map?.op === 'Pad') map = producer.get(map.inputs[0]);
      expect(map && casts('float32').includes(map), name).toBe(true);
      const readers = mixed.nodes.filter((node) => node.inputs.includes(outputs[0]));
      expect(
        readers.every((node) => casts('float16').includes(node)),
        name,
      ).toBe(true);
    }
  });

  it('keeps the weights of convolutions in float32 and all others in float16', () => {
    const convolved = new Set(convolutions.flatMap(({ inputs }) => inputs));
    const padded = mixed.nodes.filter(({ op }) => op === 'Pad').map(({ inputs }) => inputs[0]);
    for (const { key, dtype } of mixed.weights) {
      expect(dtype, key).toBe(convolved.has(key) || padded.includes(key) ? 'float32' : 'float16');
    }
  });

  it('is the float32 graph where all is in float32', () => {
    const dialect: Dialect = { operators: 'webgpu', precision: 'float32' };
    const { unet } = graphsOf(modelOf('sd1'), { ...dialect, convolutions: 'float32' });
    expect(same(unet.onnx, graphsOf(modelOf('sd1'), dialect).unet.onnx)).toBe(true);
  });
});

it('computes what the float32 graph does, to the precision of float16 weights, on the CPU', async () => {
  const { model, expected } = checkpointOf('sd1');
  const weights = await openStateDict(
    memoryFiles('m', { 'unet/w.safetensors': safetensorsFile(expected.unet) }),
    'unet',
  );
  const device = await chooseDevice('wasm', 1);
  const wave = (length: number) => Float32Array.from({ length }, (_, i) => Math.sin(i));
  const input = { sample: wave(4 * 16), batch: 1, height: 4, width: 4, timestep: 500, context: wave(64), tokens: 1 };
  const predict = async (dialect: Dialect) => {
    const { unet } = graphsOf(model, dialect);
    const session = await createSession(unet, bindWeights([unet], weights, 'unet'), device);
    const out = await predictWith(session, model.unet)(input);
    await session.release();
    return out;
  };
  const exact = await predict({ operators: 'plain', precision: 'float32' });
  const mixed = await predict({ operators: 'plain', precision: 'float16', convolutions: 'float32' });
  // The CPU provider computes float16 nodes in float32 and rounds between them: a few 2^-11 over the depth of this
  // network.
  expect(relativeError(mixed, exact)).toBeLessThan(3e-3);
  expect(relativeError(mixed, exact)).toBeGreaterThan(1e-6);
});
