import { expect, it } from 'vitest';
import { DEFAULT_REQUEST, requestConflict } from '../../core/request/request';
import { detailRequest } from './detail';

const own = { width: 512, height: 512 };
const box = { x: 100, y: 40, width: 96, height: 192 };

it('a box is painted alone, at the model’s best size in its shape, its edge feathered', () => {
  const request = { ...DEFAULT_REQUEST, prompt: 'a crowd', seed: 7, width: 1024, height: 768, hires: true, sdUpscale: true, maskMode: 'not-masked', softMask: true } as const; // biome-ignore format: one line
  const asked = detailRequest(request, { box, prompt: ' a face ', strength: 0.4 }, own);
  expect(asked).toMatchObject({
    prompt: 'a face',
    seed: 7,
    inpaintArea: 'only-masked',
    inpaintPadding: 32,
    maskBlur: 6, // a sixteenth of 96
    denoisingStrength: 0.4,
  });
  // The box and 32 pixels around it are 160 x 256.
  expect(asked.width / asked.height).toBeCloseTo(160 / 256, 1);
  expect(Math.abs(asked.width * asked.height - 512 * 512) / 512 ** 2).toBeLessThan(0.15);
  expect([asked.hires, asked.sdUpscale, asked.maskMode, asked.softMask]).toEqual(Array(4).fill(undefined));
  expect(requestConflict(asked)).toBeUndefined();
  expect(detailRequest(request, { box, prompt: '', strength: 0.4 }, own).prompt).toBe('a crowd');
});
