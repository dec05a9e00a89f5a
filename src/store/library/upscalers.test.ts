import { beforeEach, expect, it } from 'vitest';
import { DEFAULT_REQUEST, type GenerationRequest } from '../../core/request/request';
import { addRecord, refreshAccess, useLibrary } from './library';
import { holdFiles } from './library-files';
import { missingUpscaler, upscalerCalled, withUpscaler } from './upscalers';

const asked = (hiresUpscaler: GenerationRequest['hiresUpscaler']) => ({
  ...DEFAULT_REQUEST,
  hires: true,
  hiresUpscaler,
});

beforeEach(async () => {
  useLibrary.setState(useLibrary.getInitialState(), true);
  const place = { kind: 'dropped' } as const;
  await addRecord({ v: 1, id: 'u', kind: 'upscaler', name: 'RealESRGAN_x4plus', place, bytes: 1, usedAt: 0 });
  holdFiles('u', { kind: 'folder', name: 'u', files: [{ path: 'u.pth', file: new File(['u'], 'u.pth') }] });
  await refreshAccess('u');
});

it('a network is found by its name in any case, by its file’s, and by A1111’s', () => {
  for (const name of ['RealESRGAN_x4plus', 'realesrgan_x4plus.PTH', 'R-ESRGAN 4x+'])
    expect(upscalerCalled(name)?.record.id).toBe('u');
  expect(upscalerCalled('R-ESRGAN 2x+')).toBeUndefined();
  expect(missingUpscaler(asked('file:x'))).toBe('x');
  expect([missingUpscaler(asked('file:R-ESRGAN 4x+')), missingUpscaler(asked('latent'))]).toEqual([
    undefined,
    undefined,
  ]);
  expect(missingUpscaler({ ...asked('file:x'), hires: false })).toBeUndefined();
});

it('a request goes with the file of its network; Lanczos takes the place of one that is not here, and that is said', async () => {
  const here = await withUpscaler(asked('file:R-ESRGAN 4x+'));
  expect(here.request.hiresUpscaler).toBe('file:R-ESRGAN 4x+');
  expect([await here.upscaler?.file.text(), here.note]).toEqual(['u', undefined]);
  const missing = await withUpscaler(asked('file:x'));
  expect(missing).toMatchObject({ request: { hiresUpscaler: 'lanczos' }, note: expect.stringContaining('The upscaler x is not in your library') }); // biome-ignore format: one line
  expect(missing.upscaler).toBeUndefined();
  expect(await withUpscaler(asked('latent'))).toEqual({ request: asked('latent') });
});

it('one that cannot be read is said by its own reason', async () => {
  const place = { kind: 'dropped' } as const;
  await addRecord({ v: 1, id: 'gone', kind: 'upscaler', name: 'gone', place, bytes: 1, usedAt: 0 });
  useLibrary.setState(({ entries }) => ({ entries: entries.map((entry) => ({ ...entry, access: 'ready' as const })) }));
  expect((await withUpscaler(asked('file:gone'))).note).toBe(
    'This browser could not keep gone: drop it on the page again. Enlarged by Lanczos instead.',
  );
});
