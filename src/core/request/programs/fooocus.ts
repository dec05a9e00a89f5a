import type { SaidSettings } from '../said-settings';
import { type JsonObject, nameOf, saidAs, saidValues, taken, withLoras } from './json';

/** Fooocus' names of its own scheme, by A1111's. */
const KEYS = {
  steps: 'Steps',
  sampler: 'Sampler',
  scheduler: 'Schedule type',
  guidance_scale: 'CFG scale',
  seed: 'Seed',
  base_model: 'Model',
  base_model_hash: 'Model hash',
  clip_skip: 'Clip skip',
  version: 'Version',
} as const;

/** Its resolution is a tuple of Python: `(1152, 896)`. */
const RESOLUTION = /^\(?\s*'?(\d+)'?\s*,\s*'?(\d+)'?\s*\)?$/;
const LORA = /^lora_combined_\d+$/;

/**
 * The settings of Fooocus by its own scheme: JSON in `parameters`. Styles have words of their own that were added to
 * the prompt (`full_prompt`); they are named, not taken.
 */
export function readFooocus(object: JsonObject): SaidSettings | undefined {
  if (!('prompt' in object) || !('negative_prompt' in object || 'base_model' in object)) return undefined;
  const { prompt, negative_prompt, full_prompt: _, full_negative_prompt: __, ...rest } = object;
  const values = saidValues(rest, KEYS);
  const [, width, height] = RESOLUTION.exec(taken(values, 'resolution') ?? '') ?? [];
  if (width && height) values.set('Size', `${width}x${height}`);
  const loras: string[] = [];
  for (const key of [...values.keys()].filter((name) => LORA.test(name))) {
    // "name : weight", later "enabled : name : weight"
    const parts = (taken(values, key) ?? '').split(' : ');
    const [name, weight] = parts.slice(-2);
    if (parts.length > 1 && (parts.length === 2 || parts[0] === 'True') && name !== 'None')
      loras.push(`<lora:${nameOf(name)}:${weight}>`);
  }
  taken(values, 'loras');
  return { prompt: withLoras(saidAs(prompt) ?? '', loras), negativePrompt: saidAs(negative_prompt) ?? '', values };
}
