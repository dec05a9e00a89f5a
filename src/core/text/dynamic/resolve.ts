import { EaselError, type Said, said } from '../../errors';
import { mersenneTwister } from '../../random';
import { parseTemplate, type TemplateChoice, type TemplatePiece, type TemplateWildcard } from './template';
import type { Wildcards } from './wildcards';

/** Lists that name each other go on so far. */
const MAX_DEPTH = 40;

/** More pieces than any prompt is made of: lists that name themselves twice come to this. */
const MAX_PIECES = 20_000;

/** In UTF-16 units: what a prompt may have. */
const MAX_LENGTH = 100_000;

/** Parted that far, the texts of one request draw numbers of their own. */
const TEXT_APART = 0x9e3779b9;

/**
 * Chooses the words of a template: the same for the same seed and lists.
 * @param seed 0 .. 2^32 - 1, such as that of the picture
 * @param text which of the texts of a request it is, from 0: each draws by itself
 * @throws EaselError `bad-request` for a wildcard that there is not or that is empty, and for lists without an end
 */
export function resolveTemplate(template: string, seed: number, wildcards: Wildcards, text = 0): string {
  const { pieces, marks } = parseTemplate(template);
  if (marks.length === 0) return template;
  return new Resolver(seed + text * TEXT_APART, wildcards).resolve(pieces);
}

class Resolver {
  readonly #draw: () => number;
  readonly #wildcards: Wildcards;
  /** The wildcards within which it is, outermost first. */
  readonly #within: string[] = [];
  #pieces = 0;

  constructor(seed: number, wildcards: Wildcards) {
    const bits = mersenneTwister(seed >>> 0);
    this.#draw = () => bits() / 2 ** 32;
    this.#wildcards = wildcards;
  }

  resolve(pieces: readonly TemplatePiece[]): string {
    let text = '';
    for (const piece of pieces) {
      if (++this.#pieces > MAX_PIECES) throw this.#endless();
      if (typeof piece === 'string') text += piece;
      else if (piece.kind === 'wildcard') text += this.#wildcard(piece);
      else text += this.#choice(piece);
      if (text.length > MAX_LENGTH) throw new EaselError('bad-request', TOO_LONG);
    }
    return text;
  }

  #choice({ options, count }: TemplateChoice): string {
    if (!count) return this.resolve(this.#chosen(options, 1)[0].pieces);
    const values = this.#valuesOf(options);
    const most = Math.min(count.most, values.length);
    const least = Math.min(count.least, most);
    return this.#chosen(values, least + Math.floor(this.#draw() * (most - least + 1)))
      .map(({ say }) => say().trim())
      .join(count.separator);
  }

  /** What there is to choose several from: of a wildcard alone, its lines. */
  #valuesOf(options: TemplateChoice['options']): { weight: number; say(): string }[] {
    const only = wildcardAlone(options);
    return only
      ? this.#linesOf(only).map((line) => ({ weight: 1, say: () => this.#line(only, line) }))
      : options.map(({ weight, pieces }) => ({ weight, say: () => this.resolve(pieces) }));
  }

  #wildcard(wildcard: TemplateWildcard): string {
    const lines = this.#linesOf(wildcard);
    return this.#line(wildcard, lines[Math.floor(this.#draw() * lines.length)]);
  }

  #linesOf({ pattern }: TemplateWildcard): readonly string[] {
    const lines = this.#wildcards.linesOf(pattern);
    if (!lines) throw new EaselError('bad-request', missingWildcard(pattern));
    if (lines.length === 0) throw new EaselError('bad-request', said`The wildcard “${pattern}” has no lines.`);
    return lines;
  }

  /** A line of a list, which may be a template itself. */
  #line({ pattern }: TemplateWildcard, line: string): string {
    this.#within.push(pattern);
    if (this.#within.length > MAX_DEPTH) throw this.#endless();
    const text = this.resolve(parseTemplate(line).pieces);
    this.#within.pop();
    return text;
  }

  /** Some of several, each once, by their weights. */
  #chosen<T extends { weight: number }>(from: readonly T[], count: number): T[] {
    if (count === 1 && from.length === 1) return [from[0]];
    const left = [...from];
    return Array.from({ length: count }, () => {
      const total = left.reduce((sum, { weight }) => sum + weight, 0);
      // Where none has any weight, all are alike.
      let mark = this.#draw() * (total || left.length);
      const at = left.findIndex(({ weight }) => {
        mark -= total ? weight : 1;
        return mark < 0;
      });
      return left.splice(at < 0 ? left.length - 1 : at, 1)[0];
    });
  }

  #endless(): EaselError {
    const names = [...new Set(this.#within)].map((name) => `“${name}”`);
    const lists = names.length === 1 ? said`The wildcard ${names[0]} names itself` : said`The wildcards ${names.join(', ')} name each other`; // biome-ignore format: one sentence
    return new EaselError('bad-request', said`${lists} without end. Take the name out of one of their lines.`);
  }
}

/** The wildcard that is all that there is to choose from. */
function wildcardAlone([first, ...others]: TemplateChoice['options']): TemplateWildcard | undefined {
  const pieces = first.pieces.filter((piece) => typeof piece !== 'string' || piece.trim() !== '');
  const [only] = pieces;
  if (others.length > 0 || pieces.length !== 1 || typeof only === 'string') return undefined;
  return only.kind === 'wildcard' ? only : undefined;
}

const TOO_LONG = said`The prompt comes to more than ${MAX_LENGTH / 1000},000 characters when its wildcards are filled in.`;

/** That there is no such list, and the way out. */
export function missingWildcard(pattern: string): Said {
  return /[*?[]/.test(pattern)
    ? said`No wildcard list fits “${pattern}”. Drop the text files on the page, or write a list under Wildcards.`
    : said`There is no wildcard “${pattern}”. Drop ${pattern.split('/').at(-1) ?? pattern}.txt on the page, or write the list under Wildcards.`;
}

/** The wildcards that a template or a list that it leads to names and that are not there, each once. */
export function missingWildcards(template: string, wildcards: Wildcards): string[] {
  const [missing, seen] = [new Set<string>(), new Set<string>()];
  const waiting = [...patternsIn(template)];
  for (let pattern = waiting.pop(); pattern !== undefined; pattern = waiting.pop()) {
    if (seen.has(pattern)) continue;
    seen.add(pattern);
    const lines = wildcards.linesOf(pattern);
    if (!lines) missing.add(pattern);
    else for (const line of lines) if (line.includes('__')) waiting.push(...patternsIn(line));
  }
  return [...missing];
}

function patternsIn(template: string): string[] {
  const patterns: string[] = [];
  const look = (pieces: readonly TemplatePiece[]): void => {
    for (const piece of pieces) {
      if (typeof piece === 'string') continue;
      if (piece.kind === 'wildcard') patterns.push(piece.pattern);
      else for (const { pieces: own } of piece.options) look(own);
    }
  };
  look(parseTemplate(template).pieces);
  return patterns;
}

/** A template whose marks are spaces, so that all that it can say stands side by side, each where it stood. */
export function withoutTemplateMarks(template: string): string {
  const { marks } = parseTemplate(template);
  const pieces: string[] = [];
  let at = 0;
  for (const { from, to } of marks) {
    pieces.push(template.slice(at, from), ' '.repeat(to - from));
    at = to;
  }
  return pieces.length === 0 ? template : [...pieces, template.slice(at)].join('');
}

/** What of a template looks like its language and is painted as words, each once. */
export function foreignTemplate(template: string): string[] {
  return [...new Set(parseTemplate(template).foreign.map(({ from, to }) => template.slice(from, to)))];
}
