import { expect, it } from 'vitest';
import { parseManifest } from './manifest';

const manifest = (fields: object) => parseManifest({ v: 1, name: 'A', files: [], ...fields });

it('takes a model’s settings as its defaults, and those for few steps', () => {
  const fast = { lora: 'fast.safetensors', sampler: 'lcm', steps: 4, cfgScale: 1 };
  const { defaults, fast: few } = manifest({ defaults: { sampler: 'ddim', steps: 25, eta: 0, width: 256 }, fast });
  expect(defaults).toEqual({ sampler: 'ddim', steps: 25, eta: 0, width: 256 });
  expect(few).toEqual({ lora: 'fast.safetensors', defaults: { sampler: 'lcm', steps: 4, cfgScale: 1 } });
});

it.each(['prompt', 'negativePrompt', 'seed', 'batchCount', 'stpes'])(
  'refuses what is not a setting of a model by its name: %s',
  (name) => {
    const named = `manifest.json: "${name}" is not a default of a model`;
    expect(() => manifest({ defaults: { steps: 20, [name]: 1 } })).toThrow(named);
    expect(() => manifest({ fast: { lora: 'a', [name]: 1 } })).toThrow(named);
  },
);

it('names a setting that is out of its range', () => {
  expect(() => manifest({ defaults: { steps: 0 } })).toThrow('Steps must be at least 1.');
});
