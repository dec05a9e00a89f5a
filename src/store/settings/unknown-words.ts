import { plainText } from '../../core/text/prompt-syntax';

const WORD = /\p{L}[\p{L}'’]*/gu;

/**
 * Words of a prompt outside the model's vocabulary, in the order they stand, each once. Only a model that lists its words
 * (small, trained on a closed vocabulary) can say.
 */
export function unknownWords(prompt: string, known: ReadonlySet<string>): string[] {
  const words = plainText(prompt).toLowerCase().match(WORD) ?? [];
  return [...new Set(words)].filter((word) => !known.has(word.replaceAll('’', "'")));
}
