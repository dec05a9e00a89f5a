import type { SaidSettings } from '../said-settings';
import { parseObject, saidAs, saidValues, taken } from './json';

/** NovelAI's names of `Comment`, by A1111's. */
const KEYS = {
  steps: 'Steps',
  sampler: 'Sampler',
  seed: 'Seed',
  scale: 'CFG scale',
  cfg_rescale: 'CFG rescale',
  noise_schedule: 'Schedule type',
  strength: 'Denoising strength',
} as const;

/**
 * The settings of NovelAI: `Software` names it, `Description` holds the prompt, and `Comment` JSON with the rest. Its
 * braces weigh words by 1.05, which A1111 writes as numbers; here they stay.
 */
export function readNovelAi(texts: ReadonlyMap<string, string>): SaidSettings | undefined {
  if (!texts.get('Software')?.startsWith('NovelAI')) return undefined;
  const comment = parseObject(texts.get('Comment'));
  if (!comment) return undefined;
  const { prompt: _, uc, width, height, ...rest } = comment;
  const values = saidValues(rest, KEYS);
  // Its native schedule is the sampler's own.
  if (values.get('Schedule type') === 'native') taken(values, 'Schedule type');
  // Without a picture to start from there is nothing to denoise.
  const [w, h] = [saidAs(width), saidAs(height)];
  if (w !== undefined && h !== undefined) values.set('Size', `${w}x${h}`);
  return { prompt: texts.get('Description') ?? saidAs(comment.prompt) ?? '', negativePrompt: saidAs(uc) ?? '', values };
}
