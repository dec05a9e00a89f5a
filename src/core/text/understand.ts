import type { Repertoire } from '../repertoire';
import { plainText } from './prompt-syntax';
import { pluralOf, type Word, wordsOf } from './words';

/** What a model makes of a prompt. */
export interface Understood {
  /** The things that it can paint, by name, each once, with the words that asked for them. */
  things: readonly { name: string; said: string }[];
  /** Colours of things, and of the ground behind them as in "blue background". */
  colours: readonly string[];
  scenes: readonly string[];
  styles: readonly string[];
  /** Words that have no effect, or not the one that is meant, each once. */
  ignored: readonly string[];
}

type Kind = 'thing' | 'colour' | 'scene' | 'style' | 'silent' | 'ignored';

/** A run of words that means something, as it is looked for. */
interface Entry {
  words: readonly string[];
  kind: Kind;
  name: string;
}

/** What stands between things, asks for them, or counts them: captions had it, or a sentence cannot do without. */
const SILENT = `of to in on at with and or by for from into onto under over above below beneath behind beside between next near
  left right front top middle is are be it its it's there that this these i i'd me my your our you we can could would want like let's
  some please draw paint make create generate show give picture image drawing painting one two three four single big small`;

/** Articles are passed over: captions had them nearly everywhere. */
const ARTICLES = new Set(['a', 'an', 'the']);

/** Words of scenes that say no place by themselves. */
const VAGUE = new Set(
  `in on at by under of among front deep high tall green blue dark gray orange outer sandy cosy wooden floor floating light landscape day
  sea water street buildings trees stars sky mountain`.split(/\s+/),
);

const PLACED = new Set(['in', 'on', 'at', 'under', 'among', 'by', 'through']);

/** What a repertoire knows, by first word; longer runs first. */
interface Index {
  entries: ReadonlyMap<string, readonly Entry[]>;
  /** Scenes by the words that name them, and all words that scenes are spoken of with. */
  heads: ReadonlyMap<string, string>;
  placing: ReadonlySet<string>;
}

const indices = new WeakMap<Repertoire, Index>();

/** Without articles. */
const essence = (text: string) =>
  wordsOf(text)
    .map((word) => word.text)
    .filter((word) => !ARTICLES.has(word));

function indexOf(repertoire: Repertoire): Index {
  const known = indices.get(repertoire);
  if (known) return known;
  const { things, near, colours, grounds, scenes, styles } = repertoire;
  const entry = (kind: Kind, name: string, text: string): Entry => ({ words: essence(text), kind, name });
  const all = [
    ...scenes.flatMap(({ name, phrases }) => phrases.flatMap(partsOf).map((phrase) => entry('scene', name, phrase))),
    ...styles.flatMap((style) => [
      entry('style', style, style),
      ...shortStyles(style, styles).map((short) => entry('style', style, short)),
    ]),
    ...grounds.flatMap((colour) =>
      ['on', ''].map((on) => entry('colour', `${colour} background`, `${on} ${colour} background`)),
    ),
    ...things.map(({ name }) => entry('thing', name, name)),
    ...things.flatMap(({ name, also = [] }) => also.map((word) => entry('thing', name, word))),
    ...things.flatMap(({ name, also = [] }) => [name, ...also].map((word) => entry('thing', name, pluralOf(word)))),
    ...colours.map((colour) => entry('colour', colour, colour)),
    // "fire truck" is neither a fire nor a truck.
    ...Object.keys(near).flatMap((said) => (said.includes(' ') ? [entry('ignored', said, said)] : [])),
    ...SILENT.split(/\s+/).map((word) => entry('silent', word, word)),
  ];
  const entries = new Map<string, Entry[]>();
  for (const one of all) {
    const [first] = one.words;
    if (first !== undefined) entries.set(first, [...(entries.get(first) ?? []), one]);
  }
  // The sort is stable: of equally long ones, the kind that stands first above.
  for (const group of entries.values()) group.sort((a, b) => b.words.length - a.words.length);
  const placing = scenes.flatMap(({ name, phrases }) => phrases.flatMap(essence).map((word) => [word, name] as const));
  const index = {
    entries,
    heads: new Map(placing.filter(([word]) => !VAGUE.has(word)).toReversed()),
    placing: new Set(placing.map(([word]) => word)),
  };
  indices.set(repertoire, index);
  return index;
}

/** "3d render" for "glossy 3d render": what is left of a style without its first words, where no other ends so. */
function shortStyles(style: string, styles: readonly string[]): string[] {
  const words = style.split(' ');
  const shorter = words.slice(1, -1).map((_, i) => words.slice(i + 1).join(' '));
  return shorter.filter((short) => styles.filter((other) => other.endsWith(short)).length === 1);
}

/** "in the sky among the clouds", and of that "in the sky" and "among the clouds". */
function partsOf(phrase: string): string[] {
  const words = phrase.split(' ');
  const starts = words.flatMap((word, i) => (PLACED.has(word) ? [i] : []));
  return [phrase, ...starts.map((start, i) => words.slice(start, starts[i + 1]).join(' '))];
}

/** @returns the entry that begins at a word, the longest; its words are not parted by commas. */
function entryAt({ entries }: Index, words: readonly Word[], at: number): Entry | undefined {
  const fits = ({ words: sought }: Entry) =>
    sought.every((text, i) => words[at + i]?.text === text && (i === 0 || !words[at + i].apart));
  return entries.get(words[at].text)?.find(fits);
}

/** "in a snowy wood": a scene said freely, after a word of place. @returns its name and how many words it takes */
function sceneAt(
  { heads, placing }: Index,
  words: readonly Word[],
  at: number,
): Pick<Reading, 'name' | 'length'> | undefined {
  if (!PLACED.has(words[at].text)) return undefined;
  for (let i = at + 1; i < words.length && i <= at + 3 && !words[i].apart; i++) {
    const name = heads.get(words[i].text);
    if (name !== undefined) return { name, length: i + 1 - at };
    if (!placing.has(words[i].text)) return undefined;
  }
  return undefined;
}

/** What the words from one on mean, and how many of them. @param hasThing whether a thing was named before */
function readAt(index: Index, words: readonly Word[], at: number, hasThing: boolean): Reading {
  const entry = entryAt(index, words, at);
  const length = entry?.words.length ?? 1;
  const scene = sceneAt(index, words, at);
  if (scene && scene.length > (entry?.kind === 'scene' ? length : 0)) return { kind: 'scene', ...scene };
  const { text } = words[at];
  const head = index.heads.get(text);
  // "palm tree, sunset": a thing by itself, and behind a thing its surroundings.
  const isBehind = entry?.kind === 'thing' && length === 1 && hasThing;
  if (head !== undefined && (!entry || isBehind)) return { kind: 'scene', name: head, length: 1 };
  return entry ? { kind: entry.kind, name: entry.name, length } : { kind: 'ignored', name: text, length: 1 };
}

interface Reading {
  kind: Kind;
  name: string;
  length: number;
}

/**
 * What a model of a closed repertoire makes of a prompt: by the names of whole things, not by single words, so that
 * "photo" is no camera. Emphasis, LoRAs and changes within the prompt are read as the words that they hold.
 */
export function understand(prompt: string, repertoire: Repertoire): Understood {
  const index = indexOf(repertoire);
  const words = wordsOf(plainText(prompt)).filter(({ text }) => !ARTICLES.has(text));
  const things = new Map<string, string>();
  const found: Record<Exclude<Kind, 'thing'>, Set<string>> = {
    colour: new Set(),
    scene: new Set(),
    style: new Set(),
    ignored: new Set(),
    silent: new Set(),
  };
  for (let at = 0; at < words.length; ) {
    const { kind, name, length } = readAt(index, words, at, things.size > 0);
    const said = words.slice(at, at + length).map(({ text }) => text);
    if (kind !== 'thing') found[kind].add(name);
    else if (!things.has(name)) things.set(name, said.join(' '));
    at += length;
  }
  return {
    things: Array.from(things, ([name, said]) => ({ name, said })),
    colours: [...found.colour],
    scenes: [...found.scene],
    styles: [...found.style],
    ignored: [...found.ignored],
  };
}
