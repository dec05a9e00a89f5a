/** A word or number of a text, in small letters, and whether a comma or the like parts it from the one before. */
export interface Word {
  text: string;
  apart: boolean;
}

const WORD = /[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*/gu;

/** The words of a text in their order; apostrophes are straight. */
export function wordsOf(text: string): Word[] {
  let end = 0;
  return Array.from(text.toLowerCase().matchAll(WORD), ({ 0: word, index }) => {
    const apart = /[^\s"'“”‘’()-]/.test(text.slice(end, index));
    end = index + word.length;
    return { text: word.replaceAll('’', "'"), apart };
  });
}

const IRREGULAR: Readonly<Record<string, string>> = {
  mouse: 'mice',
  person: 'people',
  man: 'men',
  woman: 'women',
  child: 'children',
  fish: 'fish',
  sheep: 'sheep',
  leaf: 'leaves',
  wolf: 'wolves',
  goose: 'geese',
  tooth: 'teeth',
  foot: 'feet',
  knife: 'knives',
  deer: 'deer',
};

/** A name's plural, as captions said it: the last word's. */
export function pluralOf(name: string): string {
  const [, head, last] = /^(.*?)([^ ]+)$/.exec(name) ?? ['', '', name];
  if (IRREGULAR[last]) return head + IRREGULAR[last];
  if (/(s|x|z|ch|sh)$/.test(last)) return `${name}es`;
  if (/[^aeiou]y$/.test(last)) return `${name.slice(0, -1)}ies`;
  return `${name}s`;
}
