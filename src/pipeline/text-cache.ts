import { concat } from '../core/array';
import { statesBetween } from '../core/request/walk';
import { emphasise } from '../core/text/emphasis';
import { tokenizePrompt, WINDOW } from '../core/text/windows';
import type { PaintingModel } from '../model/running/painting-model';
import type { Context } from './conditioning';

/** As many prompts as are kept: SDXL's take half a megabyte a window. */
const MAX_KEPT = 32;

type Encoder = Pick<PaintingModel, 'tokenizer' | 'encodeText'>;

/**
 * A model's prompts as it reads them, each encoded once: a batch, and a request like the one before it, find theirs
 * here.
 */
export class TextCache {
  readonly #kept = new Map<string, Promise<Context>>();
  #adapters = '';

  /**
   * @param adapters what the model carries from now on: what was encoded with other LoRAs or embeddings holds no more.
   */
  keepFor(adapters: string): void {
    if (adapters !== this.#adapters) this.#kept.clear();
    this.#adapters = adapters;
  }

  /** A prompt, encoded unless it was before. */
  encode(model: Encoder, prompt: string, clipSkip = 1): Promise<Context> {
    const key = `${clipSkip} ${prompt}`;
    const context = this.#kept.get(key) ?? encodePrompt(model, prompt, clipSkip);
    // Last in the map is what was used last.
    this.#kept.delete(key);
    this.#kept.set(key, context);
    context.catch(() => this.#kept.delete(key));
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= MAX_KEPT) break;
      this.#kept.delete(oldest);
    }
    return context;
  }

  /**
   * Two prompts mixed; the shorter one is filled up with windows of no words, as A1111 fills up a short negative
   * prompt.
   */
  async encodeBetween(model: Encoder, from: string, to: string, share: number, clipSkip?: number): Promise<Context> {
    const a = await this.encode(model, from, clipSkip);
    const b = await this.encode(model, to, clipSkip);
    const tokens = Math.max(a.tokens, b.tokens);
    const nothing = a.tokens === b.tokens ? a : await this.encode(model, '', clipSkip);
    const filled = ({ states, tokens: has }: Context) =>
      concat([states, ...Array.from({ length: (tokens - has) / WINDOW }, () => nothing.states)]);
    const pooled = a.pooled && b.pooled && statesBetween(a.pooled, b.pooled, share);
    return { states: statesBetween(filled(a), filled(b), share), tokens, pooled };
  }
}

/** Each window of 77 tokens through the text encoder, weighted by its emphasis, one after another. */
async function encodePrompt(model: Encoder, prompt: string, clipSkip: number): Promise<Context> {
  const { windows } = tokenizePrompt(prompt, model.tokenizer);
  const parts: Float32Array[] = [];
  let first: Float32Array | undefined;
  for (const { ids, weights } of windows) {
    const { hidden, pooled, towers } = await model.encodeText(ids, clipSkip);
    parts.push(emphasise(hidden, weights, towers));
    first ??= pooled;
  }
  return { states: concat(parts), tokens: windows.length * WINDOW, pooled: first };
}
