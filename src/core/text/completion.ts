import type { Repertoire } from '../repertoire';

/** What a prompt may go on with at the caret. */
export interface Completion {
  /** Where the words begin that it stands for; they end at the caret. */
  start: number;
  /** The best first; none where nothing begins like that. */
  texts: readonly string[];
}

/** As many as fit under a prompt. */
const MOST = 6;

/** One letter begins too much. */
const SHORTEST = 2;

/** Names have up to so many words before the one that is typed. */
const WORDS_BEFORE = 4;

/** So much before the caret is looked at: more than any name is long. */
const FURTHEST = 100;

const LAST_WORDS = new RegExp(`(?:[\\p{L}\\p{N}'’-]+ ){0,${WORDS_BEFORE}}[\\p{L}\\p{N}'’-]+$`, 'u');

/**
 * The names, colours, styles and surroundings of a repertoire that begin with the last words before the caret, with as
 * many of these as any name begins with. Nothing where the caret is within a word.
 */
export function completionAt(text: string, caret: number, { things, colours, styles, scenes }: Repertoire): Completion {
  const [typed = ''] = /^[\p{L}\p{N}]/u.test(text.slice(caret))
    ? []
    : (LAST_WORDS.exec(text.slice(Math.max(0, caret - FURTHEST), caret)) ?? []);
  const all = [...things.map(({ name }) => name), ...colours, ...styles, ...scenes.flatMap(({ phrases }) => phrases)];
  for (let words = typed.split(' '); words.length > 0; words = words.slice(1)) {
    const begun = words.join(' ').toLowerCase();
    if (begun.length < SHORTEST) break;
    const texts = all.filter((name) => name.toLowerCase().startsWith(begun) && name.length > begun.length);
    const start = caret - begun.length;
    if (texts.length > 0) return { start, texts: texts.sort((a, b) => a.length - b.length).slice(0, MOST) };
  }
  return { start: caret, texts: [] };
}
