import { concatenated } from '../core/array';
import { emphasise } from '../core/text/emphasis';
import { tokenizePrompt, WINDOW } from '../core/text/windows';
import { statesBetween } from '../core/walk';
import type { PaintingModel } from '../model/types';

/** A prompt as cross-attention reads it. */
export interface Context {
  /** [tokens, width], row-major. */
  states: Float32Array;
  tokens: number;
  /** The first window's pooled text, for a UNet that is told sizes too (SDXL). */
  pooled?: Float32Array;
}

/** Each window of 77 tokens through the text encoder, weighted by its emphasis, one after another. */
export async function encodePrompt(
  model: Pick<PaintingModel, 'tokenizer' | 'encodeText'>,
  prompt: string,
  clipSkip?: number,
): Promise<Context> {
  const { windows } = tokenizePrompt(prompt, model.tokenizer);
  const parts: Float32Array[] = [];
  let first: Float32Array | undefined;
  for (const { ids, weights } of windows) {
    const { hidden, pooled } = await model.encodeText(ids, clipSkip);
    parts.push(emphasise(hidden, weights));
    first ??= pooled;
  }
  return { states: concatenated(parts), tokens: windows.length * WINDOW, pooled: first };
}

/** Two prompts mixed; the shorter one is filled up with windows of no words, as A1111 fills up a short negative prompt. */
export async function encodeBetween(
  model: Pick<PaintingModel, 'tokenizer' | 'encodeText'>,
  from: string,
  to: string,
  share: number,
  clipSkip?: number,
): Promise<Context> {
  const [a, b] = [await encodePrompt(model, from, clipSkip), await encodePrompt(model, to, clipSkip)];
  const tokens = Math.max(a.tokens, b.tokens);
  const nothing = a.tokens === b.tokens ? a : await encodePrompt(model, '', clipSkip);
  const filled = ({ states, tokens: has }: Context) =>
    concatenated([states, ...Array.from({ length: (tokens - has) / WINDOW }, () => nothing.states)]);
  const pooled = a.pooled && b.pooled && statesBetween(a.pooled, b.pooled, share);
  return { states: statesBetween(filled(a), filled(b), share), tokens, pooled };
}
