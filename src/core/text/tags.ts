/** A tag of an image board, as lists for completion have them. */
export interface Tag {
  name: string;
  /** How many pictures have it. */
  count: number;
  /** What people say instead. */
  also: readonly string[];
}

/**
 * A tag from a row of a list: `name,type,count,"other,names"` as tag-complete's lists have it, or `name,count`, or a
 * name alone. Undefined for a row that has none.
 */
export function tagOf(row: readonly string[]): Tag | undefined {
  const [name = '', second = '', third, also = ''] = row;
  if (name === '' || name.length > MAX_NAME) return undefined;
  const count = Number(third ?? second);
  const others = also.split(',').map((other) => other.trim());
  return { name, count: Number.isFinite(count) ? count : 0, also: others.filter((other) => other !== '') };
}

const MAX_NAME = 200;

/** A tag as it is offered. */
interface FoundTag {
  kind: 'tag';
  label: string;
  /** With its brackets escaped, which would be emphasis. */
  insert: string;
  /** Which other name it was found by, and how often it is used. */
  note?: string;
}

interface Entry {
  key: string;
  tag: Tag;
  /** It was found by another name than its own. */
  other: boolean;
}

/** Names are looked for by so many letters first: by the most that were typed. */
const PREFIXES = [4, 2];

/**
 * Tags by how they begin, those that begin alike by how often they are used: looking some up takes about as long
 * whatever the number of tags.
 */
export class TagIndex {
  readonly #begin = new Map<string, Entry[]>();
  /** Names, their other ones aside. */
  size = 0;

  /** Adds a tag; `sort` has to follow. */
  add(tag: Tag): void {
    this.size++;
    this.#add({ key: keyOf(tag.name), tag, other: false });
    for (const name of tag.also) this.#add({ key: keyOf(name), tag, other: true });
  }

  #add(entry: Entry): void {
    for (const length of PREFIXES) {
      const prefix = entry.key.slice(0, length);
      const known = prefix.length === length ? this.#begin.get(prefix) : undefined;
      if (known) known.push(entry);
      else if (prefix.length === length) this.#begin.set(prefix, [entry]);
    }
  }

  /** Brings the tags into their order, a part of them with each step, so that whoever asks may rest in between. */
  *sort(): Generator<void> {
    for (const entries of this.#begin.values()) {
      entries.sort((a, b) => b.tag.count - a.tag.count);
      if (entries.length > MANY) yield;
    }
  }

  /** The tags that begin with a text of two letters or more, the most used first. */
  beginningWith(text: string, most: number): FoundTag[] {
    const begun = keyOf(text);
    const length = PREFIXES.find((letters) => begun.length >= letters);
    const found = new Map<Tag, FoundTag>();
    for (const { key, tag, other } of this.#begin.get(begun.slice(0, length)) ?? []) {
      if (found.size === most) break;
      if (!key.startsWith(begun) || found.has(tag) || (key === begun && !other)) continue;
      found.set(tag, itemOf(tag, other ? key : undefined));
    }
    return [...found.values()];
  }
}

/** So many take a millisecond or so to sort. */
const MANY = 1000;

/** Boards write spaces as underscores. */
const keyOf = (name: string) => name.toLowerCase().replaceAll('_', ' ');

function itemOf({ name, count }: Tag, by: string | undefined): FoundTag {
  // Faces such as ^_^ keep theirs. Brackets would be emphasis.
  const words = /\p{L}.*_|_.*\p{L}/u.test(name) ? name.replaceAll('_', ' ') : name;
  const note = [by, count > 0 ? shortCount(count) : undefined].filter((part) => part !== undefined).join(', ');
  return { kind: 'tag', label: words, insert: words.replace(/[\\()[\]]/g, '\\$&'), ...(note && { note }) };
}

/** 1234567 as "1.2M": by hand, since the first use of `Intl` takes longer than a keystroke may. */
function shortCount(count: number): string {
  if (count < 1000) return String(count);
  const [size, unit] = count < 1e6 ? [1e3, 'k'] : [1e6, 'M'];
  const short = count / size;
  return `${short < 10 ? short.toFixed(1) : Math.round(short)}${unit}`;
}
