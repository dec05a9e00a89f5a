import { concatenated } from '../core/array';
import { emphasise } from '../core/text/emphasis';
import { tokenizePrompt, WINDOW } from '../core/text/windows';
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
