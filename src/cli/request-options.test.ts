import { expect, it } from 'vitest';
import { FIELDS, fieldNames } from '../core/request/fields';
import { parseRequest } from '../core/request/request';
import { argumentsOf } from './arguments';
import { fieldsFrom, REQUEST_OPTIONS, requestHelp } from './request-options';

const read = (...args: string[]) => fieldsFrom(argumentsOf({ args, options: REQUEST_OPTIONS }).values);

it('has an option for every field but the prompt and what it was made from, and help for each', () => {
  const fields = fieldNames(({ option }) => option !== false);
  expect(Object.keys(REQUEST_OPTIONS)).toHaveLength(fields.length);
  expect(fieldNames().filter((name) => !fields.includes(name))).toEqual(['prompt', 'template', 'negativeTemplate']);
  const help = requestHelp();
  for (const option of Object.keys(REQUEST_OPTIONS))
    expect(help.some((line) => line.startsWith(`  --${option}  `))).toBe(true);
  expect(help).toContain(`  --cfg  1 to 30: ${FIELDS.cfgScale.help}`);
  expect(help).toContain(
    '  --resize-mode  just-resize | crop-and-resize | resize-and-fill | latent-resize: Resize mode',
  );
});

it('reads numbers, flags, and choices by their value or as the page shows them', () => {
  const fields = read('--cfg', '5.5', '--seed', '-1', '--guidance-rescale', '0.7', '--fast', '--negative', 'blurry');
  expect(fields).toEqual({ cfgScale: 5.5, seed: -1, guidanceRescale: 0.7, fast: true, negativePrompt: 'blurry' });
  expect(read('--sampler', 'dpm++ 2m', '--schedule', 'karras', '--masked-content', 'latent noise')).toEqual({
    sampler: 'dpmpp_2m',
    schedule: 'karras',
    maskedContent: 'latent-noise',
  });
  expect(read('--hires-upscaler', 'nets/x.pth')).toEqual({ hiresUpscaler: 'file:nets/x.pth' });
});

it('leaves what is wrong to the request’s own parser', () => {
  expect(() => parseRequest(read('--sampler', 'magic'))).toThrow(/Sampler must be one of .*, not "magic"/);
  expect(() => parseRequest(read('--steps', 'many'))).toThrow('Steps must be a number.');
});
