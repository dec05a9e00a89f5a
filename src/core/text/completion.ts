import type { Repertoire } from '../repertoire';
import { loraKey } from './extra-networks';
import type { TagIndex } from './tags';

/** What a prompt may be completed by. */
type CompletionKind = 'name' | 'lora' | 'embedding' | 'trigger' | 'wildcard' | 'style' | 'tag';

/** One of the person's own words. */
export interface CompletionWord {
  kind: Exclude<CompletionKind, 'name' | 'tag'>;
  name: string;
}

/** One way on. */
export interface CompletionItem {
  kind: CompletionKind;
  /** What it is called. */
  label: string;
  /** What is written in the place of what was typed; nothing for a style, which is chosen instead. */
  insert: string;
  /** How often a tag is used, or what a list says otherwise of it. */
  note?: string;
}

/** What a prompt may go on with at the caret. */
export interface Completion {
  /** Where the words begin that it stands for; they end at the caret. */
  start: number;
  /** The best first; none where nothing begins like that. */
  items: readonly CompletionItem[];
}

/** What there is to complete by. */
export interface CompletionSources {
  /** What a small model was trained to paint. */
  repertoire?: Repertoire;
  words?: readonly CompletionWord[];
  tags?: TagIndex;
}

/** As many as fit under a prompt. */
const MOST = 6;

/** One letter begins too much. */
const SHORTEST = 2;

/** Names have up to so many words before the one that is typed. */
const WORDS_BEFORE = 4;

/** So much before the caret is looked at: more than any name is long. */
const FURTHEST = 100;

const LAST_WORDS = new RegExp(`(?:[\\p{L}\\p{N}'’_-]+ ){0,${WORDS_BEFORE}}[\\p{L}\\p{N}'’_-]+$`, 'u');
/** `<lora:na`, or the beginning of it, with nothing closed yet. */
const LAST_NETWORK = /<(?:l|lo|lor|lora|lora:([^<>:\n]*))?$/i;
/** `__na`, where no list's name ends: an even number of such marks stands before it. */
const LAST_WILDCARD = /__([\p{L}\p{N}/][\p{L}\p{N}/.&'+ -]*(?:_[\p{L}\p{N}/.&'+ -]+)*_?)?$/u;

/**
 * The ways in which a prompt may go on at the caret: LoRAs behind `<`, wildcards behind `__`, else whatever begins with
 * the last words before it, with as many of these as any name begins with. Nothing where the caret is within a word.
 */
export function completionAt(text: string, caret: number, sources: CompletionSources): Completion {
  const none = { start: caret, items: [] };
  if (/^[\p{L}\p{N}]/u.test(text.slice(caret, caret + 2))) return none;
  const line = text.slice(Math.max(0, caret - FURTHEST), caret);
  const { words = [] } = sources;
  const network = LAST_NETWORK.exec(line);
  if (network) return marked(words, 'lora', network[1] ?? '', caret - network[0].length);
  const wildcard = LAST_WILDCARD.exec(line);
  if (wildcard && opensWildcard(line.slice(0, wildcard.index)))
    return marked(words, 'wildcard', wildcard[1] ?? '', caret - wildcard[0].length);
  const [typed = ''] = LAST_WORDS.exec(line) ?? [];
  for (let run = typed.split(' '); run.length > 0; run = run.slice(1)) {
    const said = run.join(' ');
    if (said.length < SHORTEST) break;
    const items = begunBy(said.toLowerCase(), sources);
    if (items.length > 0) return { start: caret - said.length, items };
  }
  return none;
}

/** Whether the marks before it come in pairs, so that the next begins a name. */
const opensWildcard = (before: string) => (before.match(/__/g) ?? []).length % 2 === 0;

function marked(
  words: readonly CompletionWord[],
  kind: CompletionWord['kind'],
  begun: string,
  start: number,
): Completion {
  const key = begun.toLowerCase();
  const found = words.filter((word) => word.kind === kind && word.name.toLowerCase().includes(key));
  const first = (name: string) => Number(!name.toLowerCase().startsWith(key));
  const sorted = found.sort((a, b) => first(a.name) - first(b.name) || a.name.length - b.name.length);
  return { start, items: sorted.slice(0, MOST).map(itemOf) };
}

function itemOf({ kind, name }: CompletionWord): CompletionItem {
  if (kind === 'style') return { kind, label: name, insert: '' };
  if (kind === 'lora') return { kind, label: name, insert: `<lora:${name}:1>` };
  return { kind, label: name, insert: kind === 'wildcard' ? `__${name}__` : name };
}

/** Whatever begins so: what the model knows, then what is the person's, then tags. */
function begunBy(begun: string, { repertoire, words = [], tags }: CompletionSources): CompletionItem[] {
  const begins = (name: string) => name.length > begun.length && name.toLowerCase().startsWith(begun);
  const names = repertoire ? namesOf(repertoire).filter(begins) : [];
  // A style does something where its whole name stands already.
  const isMeant = ({ kind, name }: CompletionWord) =>
    begins(kind === 'lora' ? loraKey(name) : name) || (kind === 'style' && name.toLowerCase() === begun);
  const own = words.filter(isMeant);
  const items: CompletionItem[] = [
    ...names.sort((a, b) => a.length - b.length).map((name) => ({ kind: 'name' as const, label: name, insert: name })),
    ...own.sort((a, b) => a.name.length - b.name.length).map(itemOf),
  ];
  const left = MOST - items.length;
  return left > 0 && tags ? [...items, ...tags.beginningWith(begun, left)] : items.slice(0, MOST);
}

const namesOf = ({ things, colours, styles, scenes }: Repertoire): string[] => [
  ...things.map(({ name }) => name),
  ...colours,
  ...styles,
  ...scenes.flatMap(({ phrases }) => phrases),
];
