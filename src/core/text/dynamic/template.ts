/**
 * The template language of sd-dynamic-prompts (docs/SYNTAX.md of adieyal/dynamicprompts): words of which some are
 * chosen anew for each picture.
 *
 * - `{a|b|c}` is one of them; `{2::a|b}` chooses `a` twice as often.
 * - `{2$$a|b|c}` is two of them, `{1-2$$...}`, `{-2$$...}` and `{1-$$...}` so many; `{2$$ and $$a|b}` joins them by
 *   " and ".
 * - `__name__` is a line of a list, `__folder/*__` one of all lists in a folder, `__folder/**__` also of those in its
 *   own folders.
 *
 * All of it nests. A backslash takes a mark literally. Of that language's variables (`${x=...}`), parameters
 * (`__x(a=b)__`) and choices in turn (`{@a|b}`, `__@x__`) nothing is done: they stay as they are written.
 */

/** What a template is made of, in its order; text is as it stands. */
export type TemplatePiece = string | TemplateChoice | TemplateWildcard;

export interface TemplateChoice {
  kind: 'choice';
  options: readonly TemplateOption[];
  /** How many of them; undefined where it is one that stands as it is written. */
  count?: { least: number; most: number; separator: string };
}

interface TemplateOption {
  /** How often it is chosen, beside the others. */
  weight: number;
  pieces: readonly TemplatePiece[];
}

export interface TemplateWildcard {
  kind: 'wildcard';
  /** A list's name, or a pattern of names. */
  pattern: string;
}

/** A stretch of a template, `to` exclusive, both in UTF-16 units. */
interface Stretch {
  from: number;
  to: number;
}

export interface Template {
  pieces: readonly TemplatePiece[];
  /** What chooses and is not itself chosen: braces, bars, counts, weights and wildcards, in their order. */
  marks: readonly Stretch[];
  /** What looks like the language and is left as words. */
  foreign: readonly Stretch[];
}

/** Between several of a choice that name no separator: as in the language's description. */
const SEPARATOR = ', ';

/** Braces that lie deeper are text. */
const MAX_NESTING = 64;

/** `2$$`, `1-2$$`, `-2$$`, `1-$$`, and what joins them: a bar may, where it is alone. */
const COUNT = /\s*(?:~\s*)?(?=\d|-\d)(\d{1,4})?(-)?(\d{1,4})?\$\$(?:([^${}|]*|\s*\|\s*)\$\$)?/y;
const WEIGHT = /\s*(\d{1,9}(?:\.\d{0,9})?|\.\d{1,9})::/y;
const WILDCARD = /__~?([\p{L}\p{N}*?.[\]](?:[\p{L}\p{N}*?.[\]/&'+ -]|_(?!_)){0,199})__/uy;
/** A wildcard that is more than a name. */
const FOREIGN_WILDCARD =
  /__@[^\s_](?:[^_\n]|_(?!_)){0,199}__|__[\p{L}\p{N}](?:[^_\n(]|_(?!_)){0,99}\([^\n()]{0,200}\)__/uy;
const LINE_END = /\n|$/g;

/** What no name of a list may hold: templates could not say it. */
const NOT_IN_NAMES = /[^\p{L}\p{N}.&'+ _/-]+/gu;

/** A name by which templates can call a list: what they cannot say of it becomes a hyphen. */
export function wildcardName(name: string): string {
  const parts = name
    .replaceAll('\\', '/')
    .replace(NOT_IN_NAMES, '-')
    .replace(/_{2,}/g, '_')
    .split('/')
    .map((part) => part.replace(/^[^\p{L}\p{N}]+|[\s_]+$/gu, ''))
    .filter((part) => part !== '');
  return parts.join('/').slice(0, MAX_NAME) || 'list';
}

const MAX_NAME = 200;

/** A brace that has not been closed yet. */
interface OpenBrace {
  at: number;
  /** Of another kind: what lies within stays as it is written. */
  isForeign: boolean;
  count?: TemplateChoice['count'];
  /** Where what is read of it begins. */
  body: number;
  options: { weight: number; pieces: TemplatePiece[]; mark: Stretch }[];
}

/** Reads a template in one pass. A brace without its partner is text, and so is all that is not the language. */
export function parseTemplate(text: string): Template {
  return new Reader(text).read();
}

/** Whether a prompt is a template at all: most are not. */
export const isTemplate = (prompt: string): boolean =>
  (prompt.includes('{') || prompt.includes('__')) && parseTemplate(prompt).marks.length > 0;

class Reader {
  readonly #text: string;
  readonly #pieces: TemplatePiece[] = [];
  readonly #marks: Stretch[] = [];
  readonly #foreign: Stretch[] = [];
  readonly #open: OpenBrace[] = [];
  /** Where the text begins that is not taken yet. */
  #from = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): Template {
    const text = this.#text;
    for (let at = 0; at < text.length; ) at = this.#step(at);
    this.#take(text.length);
    const marks = this.#marks.sort((a, b) => a.from - b.from);
    return { pieces: this.#withUnclosed(), marks, foreign: this.#foreign.sort((a, b) => a.from - b.from) };
  }

  /** @returns where to go on */
  #step(at: number): number {
    switch (this.#text[at]) {
      case '\\':
        return at + 2;
      case '#':
        LINE_END.lastIndex = at;
        return LINE_END.exec(this.#text)?.index ?? at + 1;
      case '$':
        return this.#text[at + 1] === '{' ? this.#begin(at, at + 2, true) : at + 1;
      case '{':
        return this.#begin(at, at + 1, this.#text[at + 1] === '@');
      case '|':
        return this.#bar(at);
      case '}':
        return this.#end(at);
      case '_':
        return this.#wildcard(at);
      default:
        return at + 1;
    }
  }

  #begin(at: number, body: number, isForeign: boolean): number {
    const isDeep = this.#open.length >= MAX_NESTING;
    if (isDeep || this.#open.at(-1)?.isForeign) {
      // What is within is left as it is written, and its braces still have to come in pairs.
      if (!isDeep) this.#open.push({ at, isForeign: true, body, options: [] });
      return body;
    }
    this.#take(at);
    const brace: OpenBrace = { at, isForeign, body, options: [] };
    this.#open.push(brace);
    this.#from = at;
    if (isForeign) return body;
    COUNT.lastIndex = body;
    const counted = COUNT.exec(this.#text);
    if (counted) brace.count = countOf(counted);
    brace.body = counted ? COUNT.lastIndex : this.#text[body] === '~' ? body + 1 : body;
    return this.#option(brace, brace.body);
  }

  /** An option begins. @param mark where what parts it from the one before does; its own place where that is none */
  #option(brace: OpenBrace, at: number, mark = at): number {
    WEIGHT.lastIndex = at;
    const weighed = WEIGHT.exec(this.#text);
    const to = weighed ? WEIGHT.lastIndex : at;
    brace.options.push({ weight: weighed ? Number(weighed[1]) : 1, pieces: [], mark: { from: mark, to } });
    this.#from = to;
    return to;
  }

  #bar(at: number): number {
    const brace = this.#open.at(-1);
    if (!brace || brace.isForeign) return at + 1;
    this.#take(at);
    return this.#option(brace, at + 1, at);
  }

  #end(at: number): number {
    const brace = this.#open.at(-1);
    if (!brace) return at + 1;
    const to = at + 1;
    if (brace.isForeign) {
      this.#open.pop();
      if (!this.#open.at(-1)?.isForeign) this.#foreign.push({ from: brace.at, to });
      return to;
    }
    this.#take(at);
    this.#open.pop();
    this.#from = to;
    this.#add({ kind: 'choice', options: brace.options, ...(brace.count && { count: brace.count }) });
    this.#markChoice(brace, at);
    return to;
  }

  /** Its braces, its bars, its count and its weights: what lies between the options. */
  #markChoice(brace: OpenBrace, at: number): void {
    const between = brace.options.map(({ mark }) => mark).filter(({ from, to }) => to > from);
    this.#marks.push({ from: brace.at, to: brace.body }, ...between, { from: at, to: at + 1 });
  }

  #wildcard(at: number): number {
    if (this.#text[at + 1] !== '_' || this.#open.at(-1)?.isForeign) return at + 1;
    WILDCARD.lastIndex = at;
    const found = WILDCARD.exec(this.#text);
    if (found) {
      this.#take(at);
      this.#from = WILDCARD.lastIndex;
      this.#add({ kind: 'wildcard', pattern: found[1].trim() });
      this.#marks.push({ from: at, to: this.#from });
      return this.#from;
    }
    FOREIGN_WILDCARD.lastIndex = at;
    if (!FOREIGN_WILDCARD.test(this.#text)) return at + 1;
    this.#foreign.push({ from: at, to: FOREIGN_WILDCARD.lastIndex });
    return FOREIGN_WILDCARD.lastIndex;
  }

  /** Takes the text up to a place. */
  #take(to: number): void {
    if (to > this.#from) this.#add(this.#text.slice(this.#from, to));
    this.#from = to;
  }

  #add(piece: TemplatePiece): void {
    const inner = this.#open.findLast(({ isForeign }) => !isForeign);
    (inner ? inner.options[inner.options.length - 1].pieces : this.#pieces).push(piece);
  }

  /** A brace without its partner is text, what lies within is not: each is the last thing in the one around it. */
  #withUnclosed(): readonly TemplatePiece[] {
    const pieces = this.#pieces;
    for (const { at, body, isForeign, options } of this.#open) {
      if (isForeign) continue; // taken with the text around it
      pieces.push(this.#text.slice(at, body));
      for (const { pieces: own, mark } of options) {
        pieces.push(this.#text.slice(mark.from, mark.to));
        for (const piece of own) pieces.push(piece);
      }
    }
    return pieces;
  }
}

/** More than there are options is as many as there are: that is for whoever chooses. */
function countOf([, first, dash, second, separator = SEPARATOR]: RegExpExecArray): TemplateChoice['count'] {
  const [lower, upper] = [first, second].map((digits) => (digits === undefined ? undefined : Number(digits)));
  const least = lower ?? 1;
  const most = dash ? (upper ?? Number.POSITIVE_INFINITY) : (lower ?? 1);
  return { least: Math.min(least, most), most: Math.max(least, most), separator };
}
