import type { SaidSettings } from '../said-settings';
import { asObject, fieldOf, nameOf, parseObject, saidAs, saidValues, withLoras } from './json';

/** InvokeAI's names of `invokeai_metadata`, by A1111's. */
const KEYS = {
  steps: 'Steps',
  scheduler: 'Sampler',
  cfg_scale: 'CFG scale',
  cfg_rescale_multiplier: 'CFG rescale',
  seed: 'Seed',
  strength: 'Denoising strength',
  app_version: 'Version',
} as const;

/**
 * The settings of InvokeAI, from 3.0 on: JSON in `invokeai_metadata`. Its clip skip counts from 0, A1111's from 1; its
 * noise is drawn on the CPU unless it says otherwise.
 */
export function readInvokeAi(texts: ReadonlyMap<string, string>): SaidSettings | undefined {
  const metadata = parseObject(texts.get('invokeai_metadata'));
  if (!metadata) return undefined;
  const { positive_prompt, negative_prompt, width, height, model, loras, clip_skip, rand_device, ...rest } = metadata;
  const values = saidValues(rest, KEYS);
  const [w, h] = [saidAs(width), saidAs(height)];
  if (w !== undefined && h !== undefined) values.set('Size', `${w}x${h}`);
  const modelName = nameIn(model);
  if (modelName !== undefined) values.set('Model', modelName);
  if (typeof clip_skip === 'number' && clip_skip > 0) values.set('Clip skip', String(clip_skip + 1));
  if (rand_device === 'cpu') values.set('RNG', 'CPU');
  const mentions = (Array.isArray(loras) ? loras : []).flatMap((entry) => {
    const lora = asObject(entry);
    const name = lora && (nameIn(fieldOf(lora, 'model')) ?? nameIn(fieldOf(lora, 'lora')));
    return name === undefined ? [] : [`<lora:${nameOf(name)}:${saidAs(lora?.weight) ?? 1}>`];
  });
  return {
    prompt: withLoras(saidAs(positive_prompt) ?? '', mentions),
    negativePrompt: saidAs(negative_prompt) ?? '',
    values,
  };
}

/** A model's name: `{ "name": ... }`, before 4.0 `{ "model_name": ... }`. */
function nameIn(value: unknown): string | undefined {
  const model = asObject(value);
  return model && (saidAs(fieldOf(model, 'name')) ?? saidAs(fieldOf(model, 'model_name')));
}
