import type { TokenizerLike } from './windows';

const LITERAL = /[\\^$.*+?()[\]{}|]/g;
const LETTER = /[\p{L}\p{N}_]/u;

/**
 * A tokenizer that also knows words of textual inversion: each stands for ids of its own wherever it appears whole, in
 * capitals or not; of two that fit, the longer is meant.
 */
export function withWords<T extends TokenizerLike>(tokenizer: T, words: ReadonlyMap<string, readonly number[]>): T {
  if (words.size === 0) return tokenizer;
  const ids = new Map(Array.from(words, ([word, list]) => [word.toLowerCase(), list]));
  const longestFirst = [...ids.keys()].filter((word) => word !== '').sort((a, b) => b.length - a.length);
  const pattern = new RegExp(`(${longestFirst.map(wholeWord).join('|')})`, 'giu');
  return {
    ...tokenizer,
    together: new Map(Array.from(ids.values(), (list) => [list[0], list.length])),
    encode: (text: string) =>
      text
        .split(pattern)
        .flatMap((part, i) => (i % 2 === 1 ? (ids.get(part.toLowerCase()) ?? []) : tokenizer.encode(part))),
  };
}

/** Whether a text says a word of textual inversion. */
export const saysWord = (text: string, word: string): boolean =>
  word !== '' && new RegExp(wholeWord(word), 'iu').test(text);

/** Edges that are letters must not go on as a longer word; brackets may stand anywhere. */
function wholeWord(word: string): string {
  const before = LETTER.test(word[0]) ? '(?<![\\p{L}\\p{N}_])' : '';
  const after = LETTER.test(word[word.length - 1]) ? '(?![\\p{L}\\p{N}_])' : '';
  return before + word.replace(LITERAL, '\\$&') + after;
}
