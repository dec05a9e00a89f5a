import type { ResultFacts } from './result-facts';

/** Which results are wanted; what is left out does not matter. */
export interface ResultFilter {
  /** As they are typed: see `queryOf`. */
  words: string;
  model?: string;
  sampler?: string;
  size?: string;
  /** Whether only those with a star are. */
  favourites?: boolean;
  /** Ids of a board's results. */
  board?: ReadonlySet<string>;
}

/**
 * What words find in a result's text: all of them must be there, in any order; `"red fox"` as one; `-fox` must not be;
 * `steps:20` is a setting by the beginning of its name in A1111's text, with the whole of a number.
 * @returns whether a text, in lower case, is found
 */
export function queryOf(words: string): (text: string) => boolean {
  const terms = [...words.toLowerCase().matchAll(/(-?)(?:"([^"]*)"?|(\S+))/g)].map(([, minus, phrase, word]) => {
    const finds = phrase === undefined ? wordOrSetting(word) : (text: string) => text.includes(phrase);
    return minus ? (text: string) => !finds(text) : finds;
  });
  return (text) => terms.every((finds) => finds(text));
}

function wordOrSetting(word: string): (text: string) => boolean {
  const [, key, value] = /^([a-z][\w.-]*):(.+)$/.exec(word) ?? [];
  if (key === undefined) return (text) => text.includes(word);
  const setting = new RegExp(`(?:^|\\n|, )${escaped(key)}[^:,\\n]*: "?${escaped(value)}(?![\\d.])`);
  return (text) => text.includes(word) || setting.test(text);
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Of results in an order, those that are wanted, in the same; those that nothing is known of yet are not. */
export function findResults(
  ids: readonly string[],
  facts: ReadonlyMap<string, ResultFacts>,
  { words, board, favourites, ...wanted }: ResultFilter,
): ResultFacts[] {
  const isFound = queryOf(words);
  const matches = (of: ResultFacts) =>
    (wanted.model === undefined || of.model === wanted.model) &&
    (wanted.sampler === undefined || of.sampler === wanted.sampler) &&
    (wanted.size === undefined || of.size === wanted.size) &&
    (!favourites || of.favourite) &&
    (!board || board.has(of.id)) &&
    isFound(of.text);
  return ids.flatMap((id) => facts.get(id) ?? []).filter(matches);
}

/** What the results can be told apart by, with how many there are of each, the most frequent first. */
export function choicesOf(
  facts: Iterable<ResultFacts>,
  of: 'model' | 'sampler' | 'size',
): (readonly [value: string, count: number])[] {
  const counts = new Map<string, number>();
  for (const { [of]: value } of facts) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a);
}

/** The results of a day. */
export interface ResultDay {
  /** As `2026-11-30`. */
  day: string;
  ids: readonly string[];
}

/** Results by their days, in the order in which the days come first. */
export function daysOf(found: readonly ResultFacts[]): ResultDay[] {
  const days = new Map<string, string[]>();
  for (const { day, id } of found) {
    const ids = days.get(day);
    if (ids) ids.push(id);
    else days.set(day, [id]);
  }
  return Array.from(days, ([day, ids]) => ({ day, ids }));
}
