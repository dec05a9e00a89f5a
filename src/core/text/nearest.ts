import type { Repertoire } from '../repertoire';
import { pluralOf } from './words';

/** As many as a person looks through. */
const MOST = 3;

/**
 * What of a repertoire could stand in a word's place: what people who say the word mean, kinds of it, and names
 * spelled nearly so. The best first, at most three; none where nothing is near.
 */
export function nearestTo(word: string, repertoire: Repertoire): string[] {
  const { near, things } = repertoire;
  const meant = wordForms(word).flatMap((form) => (Object.hasOwn(near, form) ? near[form] : []));
  const kinds = things
    .map(({ name }) => name)
    .filter((name) => wordForms(word).some((form) => name.endsWith(` ${form}`) || name === `${form} face`))
    .sort((a, b) => a.length - b.length);
  const named = [...new Set([...meant, ...kinds])];
  return (named.length > 0 ? named : spelledAs(word, repertoire)).slice(0, MOST);
}

/** A word, and what it would be the plural of. */
function wordForms(word: string): string[] {
  const singles = [word.replace(/ies$/, 'y'), word.replace(/es$/, ''), word.replace(/s$/, '')];
  return [word, ...new Set(singles.filter((single) => single !== word && pluralOf(single) === word))];
}

/** Of words with so many letters, one may be wrong, or two. The first one seldom is. */
const LONG = 5;
const LONGER = 7;

function spelledAs(word: string, { things, colours }: Repertoire): string[] {
  // A doing is no misspelled thing.
  if (word.length < LONG || word.endsWith('ing')) return [];
  const allowed = word.length < LONGER ? 1 : 2;
  const said = things.flatMap(({ name, also = [] }) =>
    [name, ...also].map((text) => ({ name, text: text.toLowerCase() })),
  );
  const close = [...said, ...colours.map((name) => ({ name, text: name }))]
    .filter(({ text }) => text[0] === word[0])
    .map(({ name, text }) => ({ name, wrong: distance(word, text, allowed) }))
    .filter(({ wrong }) => wrong <= allowed)
    .sort((a, b) => a.wrong - b.wrong);
  return [...new Set(close.filter(({ wrong }) => wrong === close[0].wrong).map(({ name }) => name))];
}

/**
 * Letters to change, add, leave out or swap with their neighbour to make one word of another (Damerau and Levenshtein's
 * distance, each letter moved once).
 * @returns more than `most` where it is more than that
 */
function distance(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return most + 1;
  let [before, row] = [[] as number[], Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      next[j] = Math.min(
        row[j] + 1,
        next[j - 1] + 1,
        row[j - 1] + Number(a[i - 1] !== b[j - 1]),
        swapped ? before[j - 2] + 1 : Number.POSITIVE_INFINITY,
      );
    }
    [before, row] = [row, next];
  }
  return row[b.length];
}
