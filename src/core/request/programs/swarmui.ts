import type { SaidSettings } from '../said-settings';
import { asObject, fieldOf, type JsonObject, nameOf, saidAs, saidValues, withLoras } from './json';

/** SwarmUI's names of parameters, by A1111's. */
const KEYS = {
  steps: 'Steps',
  sampler: 'Sampler',
  comfyuisampler: 'Sampler',
  scheduler: 'Schedule type',
  comfyuischeduler: 'Schedule type',
  cfgscale: 'CFG scale',
  seed: 'Seed',
  model: 'Model',
  initimagecreativity: 'Denoising strength',
  variationseed: 'Variation seed',
  variationseedstrength: 'Variation seed strength',
  swarm_version: 'Version',
} as const;

/** The settings of SwarmUI: JSON in `parameters`, under `sui_image_params`. */
export function readSwarmUi(object: JsonObject): SaidSettings | undefined {
  const params = asObject(fieldOf(object, 'sui_image_params'));
  if (!params) return undefined;
  const { prompt, negativeprompt, width, height, loras, loraweights, ...rest } = params;
  const values = saidValues(rest, KEYS);
  const [w, h] = [saidAs(width), saidAs(height)];
  if (w !== undefined && h !== undefined) values.set('Size', `${w}x${h}`);
  const [names, weights] = [listOf(loras), listOf(loraweights)];
  const mentions = names.map((name, i) => `<lora:${nameOf(name)}:${weights[i] ?? 1}>`);
  return { prompt: withLoras(saidAs(prompt) ?? '', mentions), negativePrompt: saidAs(negativeprompt) ?? '', values };
}

/** A list, or the text of one with commas. */
function listOf(value: unknown): string[] {
  const items = Array.isArray(value) ? value : (saidAs(value)?.split(',') ?? []);
  return items.map((item) => (saidAs(item) ?? '').trim()).filter((item) => item !== '');
}
