import { samplerEntry } from '../../core/diffusion/samplers/index';
import { EaselError } from '../../core/errors';
import type { GenerationRequest } from '../../core/request';
import { splitPrompts } from '../../core/text/composition';
import { extraNetworks } from '../../core/text/extra-networks';
import type { Walk } from '../../core/walk';
import type { PaintingModel } from '../../model/types';
import type { Conditioning } from '../denoise';
import { type Context, encodeBetween, encodePrompt } from '../encode-prompt';

/** Both prompts encoded; the guidance scale as the sampler takes it. */
export async function conditioningOf(
  model: PaintingModel,
  request: GenerationRequest,
  walk: Walk | undefined,
): Promise<Conditioning> {
  const { cfgScale, sampler, negativePrompt, clipSkip, guidanceRescale, width, height } = request;
  const prompts = await encodedPrompts(model, request, walk);
  const off = cfgScale === 1 && prompts.length === 1;
  return {
    prompts,
    uncond: off ? undefined : await encodePrompt(model, negativePrompt, clipSkip),
    cfgScale: samplerEntry(sampler).cfgpp ? cfgScale / CFGPP_DIVISOR : cfgScale,
    rescale: guidanceRescale,
    sizes: [height, width, 0, 0, height, width],
  };
}

/** The prompt, or each of several joined by AND; on a walk between prompts, each mixed with its counterpart. */
async function encodedPrompts(
  model: PaintingModel,
  { prompt, clipSkip }: GenerationRequest,
  walk: Walk | undefined,
): Promise<Conditioning['prompts']> {
  // LoRAs are the model's business: their mentions are no words.
  const words = (text: string) => splitPrompts(extraNetworks(text).prompt);
  const from = words(prompt);
  const share = walk?.share ?? 0;
  const to = walk?.prompt === undefined ? from : words(walk.prompt);
  if (to.length !== from.length)
    throw new EaselError('bad-request', 'A walk needs as many prompts joined by AND at its end as at its start.');
  const encoded: { context: Context; weight: number }[] = [];
  for (const [k, { text, weight }] of from.entries()) {
    const same = to[k].text === text;
    const context = same
      ? await encodePrompt(model, text, clipSkip)
      : await encodeBetween(model, text, to[k].text, share, clipSkip);
    encoded.push({ context, weight: weight + share * (to[k].weight - weight) });
  }
  return encoded;
}

/** CFG++ guides between 0 and 1; A1111 shows 12.5 times that, so that the usual scales mean something. */
const CFGPP_DIVISOR = 12.5;
