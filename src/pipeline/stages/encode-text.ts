import { EaselError } from '../../core/errors';
import { splitPrompts } from '../../core/text/composition';
import { extraNetworks } from '../../core/text/extra-networks';
import type { ConditioningAt, WeightedContext } from '../conditioning';
import type { PaintRun } from '../run';

/** Both prompts encoded; the negative one only where guidance needs it. */
export async function encodeText(run: PaintRun): Promise<ConditioningAt> {
  const { model, request, texts, progress } = run;
  await progress.enter('encode-prompt');
  const { cfgScale, negativePrompt, clipSkip } = request;
  const prompts = await encodedPrompts(run);
  // One that takes the guidance scale as an input was distilled of a guided model: it is not guided a second time.
  const off = prompts.length === 1 && (cfgScale === 1 || model.info.takesGuidance);
  const uncond = off ? undefined : await texts.encode(model, negativePrompt, clipSkip);
  return async () => ({ prompts, uncond });
}

/** The prompt, or each of several joined by AND; on a walk between prompts, each mixed with its counterpart. */
async function encodedPrompts({ model, request, walk, texts }: PaintRun): Promise<WeightedContext[]> {
  const { prompt, clipSkip } = request;
  // LoRAs are the model's business: their mentions are no words.
  const words = (text: string) => splitPrompts(extraNetworks(text).prompt);
  const from = words(prompt);
  const share = walk?.share ?? 0;
  const to = walk?.prompt === undefined ? from : words(walk.prompt);
  if (to.length !== from.length)
    throw new EaselError('bad-request', 'A walk needs as many prompts joined by AND at its end as at its start.');
  const encoded: WeightedContext[] = [];
  for (const [k, { text, weight }] of from.entries()) {
    const same = to[k].text === text;
    const context = same
      ? await texts.encode(model, text, clipSkip)
      : await texts.encodeBetween(model, text, to[k].text, share, clipSkip);
    encoded.push({ context, weight: weight + share * (to[k].weight - weight) });
  }
  return encoded;
}
