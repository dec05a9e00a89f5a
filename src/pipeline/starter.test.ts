import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openDirectory } from '../cli/directory';
import { blankMask, type InputImage, type Picture } from '../core/image/picture';
import { rgbToPicture } from '../core/image/planes';
import { type GenerationRequest, parseRequest } from '../core/request/request';
import { loadModel } from '../model/running/load';
import type { PaintingModel } from '../model/running/painting-model';
import { chooseDevice } from '../model/runtime/device';
import { paint } from './generate';

// The bundled starter, small and with few steps: what is asked here are orders, not beauty.
const SIDE = 64;
let model: PaintingModel;
let tree: Picture;

const painted = async (fields: Partial<GenerationRequest>, given?: InputImage) => {
  const request = parseRequest({ ...model.info.defaults, width: SIDE, height: SIDE, steps: 6, cfgScale: 1, ...fields });
  return (await paint(model, request, {}, { given })).rgb;
};

/** Mean change of the bytes left of `right`. */
function change(rgb: Uint8Array, right = SIDE): number {
  let sum = 0;
  for (let y = 0; y < SIDE; y++)
    for (let x = 0; x < right; x++)
      for (let c = 0; c < 3; c++) sum += Math.abs(rgb[3 * (y * SIDE + x) + c] - tree.data[4 * (y * SIDE + x) + c]);
  return sum / (3 * SIDE * right);
}

beforeAll(async () => {
  const folder = join(import.meta.dirname, '../../models/starter');
  model = await loadModel(await openDirectory(folder), await chooseDevice('wasm', 2));
  tree = rgbToPicture(await painted({ prompt: 'a tree in a meadow', seed: 3 }), SIDE, SIDE);
});

describe('the starter', () => {
  it('changes a picture the more, the higher the denoising strength; at 0 not at all', async () => {
    const changes: number[] = [];
    for (const denoisingStrength of [0, 0.25, 0.5, 0.75, 1])
      changes.push(change(await painted({ prompt: 'a cat at night', seed: 5, denoisingStrength }, { picture: tree })));
    expect(changes[0]).toBe(0);
    for (let k = 1; k < 5; k++) expect(changes[k], changes.join(', ')).toBeGreaterThan(changes[k - 1]);
  });

  it('changes it the more, the lighter a soft mask’s grey; black not at all', async () => {
    const changes: number[] = [];
    for (const grey of [0, 64, 128, 192, 255]) {
      const mask = blankMask({ width: SIDE, height: SIDE });
      // The right edge is painted in any case, so that no mask is empty.
      for (let y = 0; y < SIDE; y++) mask.data.fill(grey, y * SIDE, y * SIDE + 48).fill(255, y * SIDE + 56, (y + 1) * SIDE); // biome-ignore format: one line
      const fields = { prompt: 'a cat at night', seed: 5, denoisingStrength: 1, softMask: true, maskBlur: 0 };
      changes.push(change(await painted(fields, { picture: tree, mask }), 40));
    }
    expect(changes[0]).toBe(0);
    for (let k = 1; k < 5; k++) expect(changes[k], changes.join(', ')).toBeGreaterThan(changes[k - 1]);
  });
});
