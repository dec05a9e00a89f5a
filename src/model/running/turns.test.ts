import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openDirectory } from '../../cli/directory';
import type { MemoryPlan } from '../../core/memory-need';
import { DEFAULT_REQUEST, parseRequest } from '../../core/request/request';
import { paint } from '../../pipeline/generate';
import { TextCache } from '../../pipeline/text-cache';
import { packOf } from '../fixtures/onnx-pack';
import { chooseDevice } from '../runtime/device';
import { sessionCounts } from '../runtime/session';
import { memoryFiles } from '../weights/memory-files';
import type { ModelFiles } from '../weights/model-files';
import { loadModel } from './load';

const FOLDER = join(import.meta.dirname, '../fixtures/sd15/model');
const SIDE = 64;
const data = Uint8ClampedArray.from({ length: 4 * SIDE * SIDE }, (_, i) => i % 251);
const given = { picture: { width: SIDE, height: SIDE, data } };

/** Two pictures of one prompt, then one from a picture; and most sessions that were open at a time. */
async function paintWith(files: ModelFiles, plan: MemoryPlan) {
  const before = sessionCounts.created - sessionCounts.released;
  let most = 0;
  const count = () => {
    most = Math.max(most, sessionCounts.created - sessionCounts.released - before);
  };
  const model = await loadModel(files, await chooseDevice('wasm', 2), undefined, {
    memory: { plan },
  });
  const request = (seed: number) =>
    parseRequest({ ...DEFAULT_REQUEST, prompt: 'a fox', sampler: 'euler', steps: 2, width: SIDE, height: SIDE, seed });
  const texts = new TextCache();
  const hooks = { onStage: count, onStep: count };
  const pictures = [];
  for (const seed of [1, 2]) pictures.push((await paint(model, request(seed), hooks, {}, texts)).rgb);
  pictures.push((await paint(model, request(3), hooks, { given }, texts)).rgb);
  count();
  const { textEncoder } = model.runs;
  await model.dispose();
  return { pictures, most, textEncoder };
}

const folder = await openDirectory(FOLDER);

it.each([
  ['a folder', async () => folder],
  ['an ONNX pack', async () => memoryFiles('pack', await packOf(folder))],
])(
  '%s paints the same pictures to the bit where its parts take turns, with one of them in memory at a time',
  async (_, open) => {
    const files = await open();
    const together = await paintWith(files, 'together');
    const inTurn = await paintWith(files, 'in-turn');
    expect(inTurn.pictures).toEqual(together.pictures);
    expect(inTurn.textEncoder).toBe(together.textEncoder);
    // Text tower, UNet, and both halves of the autoencoder.
    expect([together.most, inTurn.most]).toEqual([4, 1]);
  },
);
