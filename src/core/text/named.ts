import { plainText } from './prompt-syntax';

const WORD = /[\p{L}\p{N}'-]+/gu;
const wordsOf = (text: string): string[] => text.toLowerCase().replaceAll('’', "'").match(WORD) ?? [];

/**
 * Which of some names a prompt says, as whole words and in either number ("apple", "apples"); where one name lies
 * within another ("dog" in "hot dog"), the longer one. Emphasis marks and LoRA mentions are no words.
 * @returns their places in `names`, each once, in the order of the prompt.
 */
export function namesIn(prompt: string, names: readonly string[]): number[] {
  const places = new Map(names.map((name, place) => [wordsOf(name).join(' '), place]));
  const longest = new Map<string, number>(); // of the names that begin with a word: how many words
  for (const name of places.keys()) {
    const [first, ...rest] = name.split(' ');
    longest.set(first, Math.max(longest.get(first) ?? 1, 1 + rest.length));
  }
  const words = wordsOf(plainText(prompt));
  const found = new Set<number>();
  for (let at = 0; at < words.length; ) {
    let length = Math.min(longest.get(words[at]) ?? 1, words.length - at);
    while (length > 0) {
      const said = length === 1 ? words[at] : words.slice(at, at + length).join(' ');
      const place = places.get(said) ?? (said.endsWith('s') ? placeOfSingular(said, places) : undefined);
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

function placeOfSingular(plural: string, places: ReadonlyMap<string, number>): number | undefined {
  return places.get(plural.slice(0, -1)) ?? (plural.endsWith('es') ? places.get(plural.slice(0, -2)) : undefined);
}
