import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openDirectory } from '../../cli/directory';
import { seededNormal } from '../../core/random';
import { parseRequest } from '../../core/request/request';
import { paint } from '../../pipeline/generate';
import { failure } from '../fixtures/failure';
import { randomTensors, safetensorsFile } from '../fixtures/random-model';
import { buildNameClassifier } from '../graph/name-classifier';
import { chooseDevice } from '../runtime/device';
import { memoryFiles } from '../weights/memory-files';
import type { ModelFiles } from '../weights/model-files';
import { loadModel } from './load';

const NAMES = ['apple', 'hot dog', 'fox'];
const CONFIG = { latentChannels: 4, widths: [8, 16], timeFeatures: 8, timeWidth: 12, width: 10, names: NAMES.length };

/** The smallest model's folder with another folder in it. */
async function withGuidance(guidance: Readonly<Record<string, Uint8Array | string>>): Promise<ModelFiles> {
  const model = await openDirectory(join(import.meta.dirname, '../fixtures/sd15/model'));
  const added = memoryFiles('guidance', guidance);
  const of = (path: string) => (added.list().includes(path) ? added : model);
  return {
    name: 'guided',
    list: () => [...model.list(), ...added.list()],
    size: (path) => of(path).size(path),
    read: (path, start, end) => of(path).read(path, start, end),
  };
}

const tower = safetensorsFile(randomTensors([buildNameClassifier(CONFIG)]));
const files = await withGuidance({ 'guidance/tower.safetensors': tower, 'guidance/names.json': JSON.stringify(NAMES) });
const model = await loadModel(files, await chooseDevice('wasm', 2));
afterAll(() => model.dispose());

const request = (fields: object) =>
  parseRequest({ prompt: 'a fox', sampler: 'euler', steps: 3, width: 64, height: 64, seed: 3, cfgScale: 1, ...fields });

describe('a classifier in a model’s folder', () => {
  it('is offered with its names', () => expect(model.info.classifierNames).toEqual(NAMES));

  it('gives another gradient for each name, and for two of them their mean', async () => {
    const z = seededNormal(1)(4 * 8 * 8);
    const towards = (...wanted: number[]) => model.classifierGradient?.(z, 8, 8, 300, wanted) as Promise<Float32Array>;
    const [apple, fox, both] = [await towards(0), await towards(2), await towards(0, 2)];
    expect(apple).not.toEqual(fox);
    for (const [i, value] of both.entries()) expect(value).toBeCloseTo((apple[i] + fox[i]) / 2, 6);
  });

  it('changes the picture, the more the higher the scale', async () => {
    const plain = (await paint(model, request({}))).rgb;
    const apart = async (fields: object) => {
      const { rgb } = await paint(model, request(fields));
      return rgb.reduce((sum, value, i) => sum + Math.abs(value - plain[i]), 0) / rgb.length;
    };
    expect(await apart({ classifierScale: 0 })).toBe(0);
    const [weak, strong] = [await apart({ classifierScale: 2 }), await apart({ classifierScale: 10 })];
    expect(weak).toBeGreaterThan(0);
    expect(strong).toBeGreaterThan(weak);
  });

  it('must have a name for each row, and be whole', async () => {
    const opened = async (guidance: Readonly<Record<string, Uint8Array | string>>) =>
      failure(loadModel(await withGuidance(guidance), await chooseDevice('wasm', 2)));
    const short = await opened({ 'guidance/tower.safetensors': tower, 'guidance/names.json': '["apple"]' });
    expect(short).toMatchObject({ code: 'corrupt', message: expect.stringContaining('lists 1 names') });
    const none = await opened({ 'guidance/tower.safetensors': tower, 'guidance/names.json': '{}' });
    expect(none).toMatchObject({ code: 'corrupt', message: expect.stringContaining('is not a list of names') });
    const empty = await opened({
      'guidance/tower.safetensors': safetensorsFile(new Map()),
      'guidance/names.json': '[]',
    });
    expect(empty).toMatchObject({ code: 'corrupt', message: expect.stringContaining('lacks "features"') });
  });
});
