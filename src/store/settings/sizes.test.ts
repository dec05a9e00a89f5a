import { expect, it } from 'vitest';
import { fieldError } from '../../core/request/fields';
import { sizePresets, withRatio } from './sizes';

it('offers the model’s own size first and others of about its pixels', () => {
  const presets = sizePresets({ width: 512, height: 512 });
  expect(presets[0]).toMatchObject({ name: 'Square', width: 512, height: 512 });
  for (const { width, height } of presets) {
    expect(fieldError('width', width) ?? fieldError('height', height)).toBeUndefined();
    expect((width * height) / 512 ** 2).toBeGreaterThan(0.85);
    expect((width * height) / 512 ** 2).toBeLessThan(1.15);
  }
});

it('names a size of the model’s own that is none of the shapes', () => {
  expect(sizePresets({ width: 832, height: 448 })[0]).toMatchObject({ width: 832, height: 448, ratio: 'own' });
});

it('keeps tied sizes within the limits', () => {
  expect(withRatio('width', 2048, 0.5)).toEqual({ width: 2048, height: 2048 });
  expect(withRatio('height', 16, 0.5)).toEqual({ width: 16, height: 16 });
});
