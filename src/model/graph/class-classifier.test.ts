import { describe, expect, it } from 'vitest';
import { relativeError } from '../../cli/parity/expected';
import { seededNormal } from '../../core/random';
import { centralDifferences } from '../fixtures/central-differences';
import { failure } from '../fixtures/failure';
import { CLASSIFIER_WIDTH, classifierTensors, fileOfTensors, publishedClassifier } from '../fixtures/guided-diffusion';
import { readGuidedClassifier } from '../layouts/guided-classifier-file';
import { identifyFile } from '../parts/index';
import { chooseDevice } from '../runtime/device';
import { createSession } from '../runtime/session';
import { bindWeights } from '../weights/bind';
import { memoryFiles } from '../weights/memory-files';
import { openFile } from '../weights/state-dict';
import { buildClassClassifier } from './class-classifier';
import * as f64 from './float64';
import { timestepFeatures } from './timestep-features';

const CLASSES = 5;
const normal = seededNormal(5);

const TENSORS = classifierTensors(CLASSES);
const filesOf = (tensors: ReadonlyMap<string, f64.Tensor>) =>
  memoryFiles('classifier', { 'c.safetensors': fileOfTensors(tensors) });
const opened = async (tensors: ReadonlyMap<string, f64.Tensor>) =>
  readGuidedClassifier(await openFile(filesOf(tensors), 'c.safetensors'));
const REFERENCE = {
  tensors: TENSORS,
  groups: 32,
  headWidth: () => CLASSIFIER_WIDTH,
  order: 'by-head',
  layers: 1,
} as const;

describe('guided diffusion’s classifier', () => {
  it('is told from its file: levels, blocks, heads, the pictures’ side', async () => {
    const { config, side } = await opened(TENSORS);
    expect(config).toEqual({
      inChannels: 3,
      channels: [32, 128],
      layers: 1,
      attends: [false, true],
      headWidth: 64,
      groups: 32,
      timeChannels: 32,
      lastSide: 2,
      classes: CLASSES,
    });
    expect(side).toBe(4);
    expect(await identifyFile(filesOf(TENSORS))).toEqual({ kind: 'classifier' });
  });

  it.each([
    { timestep: 500, wanted: [0, 1, 0, 0, 0] },
    { timestep: 3, wanted: [0.5, 0, 0, 0.5, 0] },
  ])('gives log p and its gradient as the formula in float64 has them, at $timestep', async ({ timestep, wanted }) => {
    const z = f64.tensor(normal(3 * 4 * 4), [1, 3, 4, 4]);
    const logP = () =>
      publishedClassifier(REFERENCE, z, timestep).reduce((sum, value, n) => sum + wanted[n] * value, 0);
    const places = Array.from({ length: 5 }, (_, k) => (k * 13) % z.values.length);
    const differences = centralDifferences(z, places, logP);
    const { config, weights } = await opened(TENSORS);
    const graph = buildClassClassifier(config);
    const session = await createSession(graph, bindWeights([graph], weights, 'c'), await chooseDevice('wasm', 2));
    const { log_p, gradient } = await session.run({
      z: { data: Float32Array.from(z.values), dims: z.dims },
      timestep_features: { data: timestepFeatures([timestep], 32, true, 0), dims: [1, 32] },
      wanted: { data: Float32Array.from(wanted), dims: [1, CLASSES] },
    });
    await session.release();
    expect(relativeError([log_p[0]], Float32Array.of(logP()))).toBeLessThan(1e-5);
    expect(gradient).toHaveLength(z.values.length);
    expect(
      relativeError(
        places.map((i) => gradient[i]),
        Float32Array.from(differences),
      ),
    ).toBeLessThan(1e-4);
  });

  it('is refused by its flags where it sums up its maps otherwise', async () => {
    const other = new Map([...TENSORS].filter(([key]) => !key.startsWith('out.2.')));
    other.set('out.3.weight', f64.tensor(normal(CLASSES * 128), [CLASSES, 128, 1, 1]));
    const { code, message } = await failure(opened(other));
    expect([code, message]).toEqual(['unsupported', expect.stringContaining('classifier_pool attention')]);
  });
});
