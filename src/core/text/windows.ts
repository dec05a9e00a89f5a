import { cleanText } from './clean-text';
import { parsePrompt } from './prompt-syntax';

/** A CLIP tower reads 77 tokens: start, 75 of the prompt, end. */
export const WINDOW = 77;
export const WINDOW_PROMPT_TOKENS = WINDOW - 2;

/** How far back A1111 looks for a comma to break after, so that a phrase is not cut in two. */
const COMMA_BACKTRACK = 20;

export interface TokenizerLike {
  /** Ids of a text, without start and end. */
  encode(text: string): number[];
  readonly bos: number;
  readonly eos: number;
  readonly pad: number;
  readonly comma?: number;
  /** How many ids stand for one word, by the first of them: they share a window. */
  readonly together?: ReadonlyMap<number, number>;
}

interface Window {
  /** 77 ids, start and end included. */
  ids: Int32Array;
  /** The weight of each position; start, end and padding weigh 1. */
  weights: Float32Array;
}

export interface TokenizedPrompt {
  windows: Window[];
  /** Tokens the person typed (windows that BREAK or a comma cut short count as full). */
  tokens: number;
}

/**
 * A prompt of any length as windows of 77 tokens, broken as A1111 does: after a comma within the last 20 tokens, or at
 * BREAK. An embedding is never cut: one that does not fit begins the next window.
 */
export function tokenizePrompt(prompt: string, tokenizer: TokenizerLike): TokenizedPrompt {
  const windows: Window[] = [];
  let ids: number[] = [];
  let weights: number[] = [];
  let comma = -1;
  let tokens = 0;
  /** What BREAK leaves without a token, once for all of them: a text of nothing else has a hundred thousand. */
  let empty: Window | undefined;
  const finish = (last = false) => {
    tokens += last ? ids.length : WINDOW_PROMPT_TOKENS;
    if (ids.length > 0) windows.push(windowOf(ids, weights, tokenizer));
    else {
      empty ??= windowOf(ids, weights, tokenizer);
      windows.push(empty);
    }
    ids = [];
    weights = [];
    comma = -1;
  };
  for (const fragment of parsePrompt(prompt)) {
    if (fragment.kind === 'break') {
      finish();
      continue;
    }
    for (const id of tokenizer.encode(cleanText(fragment.text))) {
      const full = ids.length === WINDOW_PROMPT_TOKENS;
      if (id === tokenizer.comma) comma = ids.length;
      else if (full && comma >= 0 && ids.length - comma <= COMMA_BACKTRACK) {
        const [restIds, restWeights] = [ids.slice(comma + 1), weights.slice(comma + 1)];
        ids.length = comma + 1;
        weights.length = comma + 1;
        finish();
        ids = restIds;
        weights = restWeights;
      }
      const group = tokenizer.together?.get(id) ?? 1;
      if (ids.length > 0 && ids.length + group > WINDOW_PROMPT_TOKENS) finish();
      ids.push(id);
      weights.push(fragment.weight);
    }
  }
  if (ids.length > 0 || windows.length === 0) finish(true);
  return { windows, tokens };
}

function windowOf(ids: readonly number[], weights: readonly number[], { bos, eos, pad }: TokenizerLike): Window {
  const window = { ids: new Int32Array(WINDOW).fill(pad), weights: new Float32Array(WINDOW).fill(1) };
  window.ids[0] = bos;
  window.ids.set(ids, 1);
  window.weights.set(weights, 1);
  window.ids[ids.length + 1] = eos;
  return window;
}
