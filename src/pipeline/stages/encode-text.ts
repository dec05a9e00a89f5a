import { modelCalls } from '../../core/diffusion/samplers/model-calls';
import { EaselError, said } from '../../core/errors';
import { withoutComments } from '../../core/text/comments';
import { splitPrompts } from '../../core/text/composition';
import { extraNetworks } from '../../core/text/extra-networks';
import { type TimedText, textAtCall, textSchedule } from '../../core/text/schedule';
import { stopIfCancelled } from '../../model/cancellation';
import type { ConditioningAt, Context, GuidedConditioning } from '../conditioning';
import type { PaintRun } from '../run';

/** One of the prompts joined by AND: what it says as the run goes on, and on a walk what its counterpart says. */
interface PromptPart {
  from: TimedText[];
  to: TimedText[];
  weight: number;
}

/**
 * Both prompts encoded, each text once; the negative one only where guidance needs it. What is read at a call of the
 * model goes by that call's number, as in A1111; by the share of log sigma with samplers that have no fixed number of
 * calls.
 * @throws EaselError `bad-request` for a walk between prompts of unlike structure; the signal's reason.
 */
export async function encodeText(run: PaintRun): Promise<ConditioningAt> {
  const { model, request, walk, progress, passes } = run;
  await progress.enter('encode-prompt');
  const fixed = modelCalls(request.sampler, request.steps, request);
  const calls = fixed ?? request.steps;
  const scheduled = (text: string) => {
    const before = passes?.callsBefore;
    return before === undefined ? textSchedule(text, calls) : textSchedule(text, before, calls);
  };
  const parts = promptParts(run, scheduled);
  // One that takes the guidance scale as an input was distilled of a guided model: it is not guided a second time.
  const off = parts.length === 1 && (request.cfgScale === 1 || model.info.takesGuidance);
  const negativeOf = (text: string) => scheduled(withoutComments(text));
  const negative = off
    ? undefined
    : { from: negativeOf(request.negativePrompt), to: negativeOf(walk?.negativePrompt ?? request.negativePrompt) };
  const encode = encoderOf(run);
  const atCall: GuidedConditioning[] = [];
  for (let call = 0; call <= calls; call++) {
    const prompts = [];
    for (const { from, to, weight } of parts)
      prompts.push({ context: await encode(textAtCall(from, call), textAtCall(to, call)), weight });
    const uncond = negative && (await encode(textAtCall(negative.from, call), textAtCall(negative.to, call)));
    atCall.push({ prompts, uncond, text: parts.map(({ from }) => textAtCall(from, call)).join(' AND ') });
  }
  return async ({ call, share }) => atCall[Math.min(calls, fixed === undefined ? Math.floor(share * calls) : call)];
}

/** The prompt, or each of several joined by AND; on a walk between prompts, each with its counterpart. */
function promptParts({ request, walk }: PaintRun, scheduled: (text: string) => TimedText[]): PromptPart[] {
  // LoRAs are the model's business: their mentions are no words.
  const partsOf = (prompt: string) => splitPrompts(extraNetworks(prompt).prompt);
  const from = partsOf(request.prompt);
  const to = walk?.prompt === undefined ? from : partsOf(walk.prompt);
  if (to.length !== from.length)
    throw new EaselError('bad-request', said`A walk needs as many prompts joined by AND at its end as at its start.`);
  return from.map(({ text, weight }, k) => ({
    from: scheduled(text),
    to: scheduled(to[k].text),
    weight: weight + (walk?.share ?? 0) * (to[k].weight - weight),
  }));
}

/** Encodes a text, or on a walk the mix of two, once however often it is asked for. */
function encoderOf({
  model,
  request,
  walk,
  texts,
  progress,
}: PaintRun): (from: string, to?: string) => Promise<Context> {
  const known = new Map<string, Map<string, Context>>();
  return async (from, to = from) => {
    const mixes = known.get(from) ?? new Map<string, Context>();
    known.set(from, mixes);
    let context = mixes.get(to);
    if (context) return context;
    await stopIfCancelled(progress.signal);
    context =
      from === to
        ? await texts.encode(model, from, request.clipSkip)
        : await texts.encodeBetween(model, from, to, walk?.share ?? 0, request.clipSkip);
    mixes.set(to, context);
    return context;
  };
}
