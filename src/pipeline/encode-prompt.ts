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
}

/** Each window of 77 tokens through the text encoder, weighted by its emphasis, one after another. */
export async function encodePrompt(
  model: Pick<PaintingModel, 'tokenizer' | 'encodeText'>,
  prompt: string,
): Promise<Context> {
  const { windows } = tokenizePrompt(prompt, model.tokenizer);
  const parts: Float32Array[] = [];
  for (const { ids, weights } of windows) parts.push(emphasise((await model.encodeText(ids)).hidden, weights));
  return { states: concatenated(parts), tokens: windows.length * WINDOW };
}

/** Two prompts mixed; the shorter one is filled up with windows of no words, as A1111 fills up a short negative prompt. */
export async function encodeBetween(
  model: Pick<PaintingModel, 'tokenizer' | 'encodeText'>,
  from: string,
  to: string,
  share: number,
): Promise<Context> {
  const [a, b] = [await encodePrompt(model, from), await encodePrompt(model, to)];
  const tokens = Math.max(a.tokens, b.tokens);
  const nothing = a.tokens === b.tokens ? a : await encodePrompt(model, '');
  const filled = ({ states, tokens: has }: Context) =>
    concatenated([states, ...Array.from({ length: (tokens - has) / WINDOW }, () => nothing.states)]);
  return { states: statesBetween(filled(a), filled(b), share), tokens };
}
