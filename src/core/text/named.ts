import { plainText } from './prompt-syntax';

const WORD = /[\p{L}\p{N}'’-]+/gu;
const wordsOf = (text: string) => (text.toLowerCase().match(WORD) ?? []).map((word) => word.replaceAll('’', "'"));

/**
 * Which of some names a prompt says, as whole words and in either number ("apple", "apples"); where one name lies
 * within another ("dog" in "hot dog"), the longer one. Emphasis marks and LoRA mentions are no words.
 * @returns their places in `names`, each once, in the order of the prompt.
 */
export function namesIn(prompt: string, names: readonly string[]): number[] {
  const places = new Map(names.map((name, place) => [wordsOf(name).join(' '), place]));
  const longest = Math.max(0, ...Array.from(places.keys(), (name) => name.split(' ').length));
  const words = wordsOf(plainText(prompt));
  const found = new Set<number>();
  for (let at = 0; at < words.length; ) {
    let length = Math.min(longest, words.length - at);
    while (length > 0) {
      const said = words.slice(at, at + length).join(' ');
      const place = places.get(said) ?? places.get(said.replace(/s$/, '')) ?? places.get(said.replace(/es$/, ''));
      if (place !== undefined) {
        found.add(place);
        break;
      }
      length--;
    }
    at += Math.max(1, length);
  }
  return [...found];
}
