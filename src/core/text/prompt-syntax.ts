import { Brackets, NO_BRACKET } from './brackets';
import { extraNetworks } from './extra-networks';
import { withoutChangeMarks } from './schedule';

/**
 * A piece of a prompt with one weight, and where it begins and ends in the source (UTF-16 units, `to` exclusive; the
 * marks around it lie outside, those within, as in `(a)(b)`, inside); or BREAK, which ends the current window.
 */
export type Fragment = { kind: 'text'; text: string; weight: number; from: number; to: number } | { kind: 'break' };

const ROUND = 1.1;
const SQUARE = 1 / 1.1;

/** A colon that gives the bracket before it a weight, and closes it. */
const WEIGHT = /:\s*([+-]?[.\d]+)\s*\)/y;
const BREAK = /\bBREAK\b\s*/g;

/**
 * AUTOMATIC1111's attention syntax: `(x)` weighs 1.1, `[x]` 1/1.1, `(x:1.3)` 1.3; brackets nest and multiply, a
 * backslash takes a bracket literally, and a bracket left open holds to the end. Neighbours of one weight are joined.
 */
export function parsePrompt(prompt: string): Fragment[] {
  const { pieces, brackets } = piecesOf(prompt);
  return pieces.weighed(brackets.weights());
}

/** What stands between a prompt's brackets, and those brackets. */
function piecesOf(prompt: string): { pieces: Pieces; brackets: Brackets } {
  const brackets = new Brackets(prompt.length);
  let [round, square] = [NO_BRACKET, NO_BRACKET];
  const pieces = new Pieces(prompt.length);
  const add = (text: string, from: number, to: number) => pieces.add(text, from, to, round, square);
  const addWords = (words: string, start: number) => {
    let from = 0;
    for (const { 0: mark, index } of words.includes('BREAK') ? words.matchAll(BREAK) : []) {
      const before = words.slice(from, index).trimEnd();
      if (before !== '') add(before, start + from, start + from + before.length);
      pieces.addBreak();
      from = index + mark.length;
    }
    if (from < words.length) add(words.slice(from), start + from, start + words.length);
  };
  for (let at = 0, end = 1; at < prompt.length; at = end, end++) {
    const character = prompt[at];
    if (character === '(') round = brackets.open(round, ROUND);
    else if (character === '[') square = brackets.open(square, SQUARE);
    else if (character === ')' && round !== NO_BRACKET) round = brackets.close(round, ROUND);
    else if (character === ']' && square !== NO_BRACKET) square = brackets.close(square, SQUARE);
    else if (character === '\\') {
      // One that takes nothing literally says nothing, as in A1111.
      if (isMark(prompt.charCodeAt(end))) add(prompt[end], at, ++end);
    } else if (character === ':' && round !== NO_BRACKET) {
      WEIGHT.lastIndex = at;
      const weight = WEIGHT.exec(prompt);
      const value = Number.parseFloat(weight?.[1] ?? '');
      if (weight) end = WEIGHT.lastIndex;
      if (!Number.isNaN(value)) round = brackets.close(round, value);
      else add(prompt.slice(at, end), at, end);
    } else if (isMark(prompt.charCodeAt(at))) add(character, at, end);
    else {
      // Without a bracket that it could close, a colon is text.
      const ends = round === NO_BRACKET ? isMark : isMarkOrColon;
      while (end < prompt.length && !ends(prompt.charCodeAt(end))) end++;
      addWords(prompt.slice(at, end), at);
    }
  }
  return { pieces, brackets };
}

const [BACKSLASH, OPEN, CLOSE, OPEN_SQUARE, CLOSE_SQUARE, COLON] = Array.from('\\()[]:', (mark) => mark.charCodeAt(0));

const isMark = (code: number) =>
  code === BACKSLASH || code === OPEN || code === CLOSE || code === OPEN_SQUARE || code === CLOSE_SQUARE;

const isMarkOrColon = (code: number) => code === COLON || isMark(code);

/**
 * What stands between the brackets: text and the innermost brackets around it, which give it its weight when all have
 * closed; or BREAK. In columns, for the reason that `Brackets` names.
 */
class Pieces {
  /** Undefined at BREAK. */
  readonly #texts: (string | undefined)[] = [];
  readonly #from: Int32Array;
  readonly #to: Int32Array;
  readonly #round: Int32Array;
  readonly #square: Int32Array;

  /** @param most how many pieces there can be */
  constructor(most: number) {
    this.#from = new Int32Array(most);
    this.#to = new Int32Array(most);
    this.#round = new Int32Array(most);
    this.#square = new Int32Array(most);
  }

  /** Adds text, to the last piece where that has the same brackets around it. */
  add(text: string, from: number, to: number, round: number, square: number): void {
    let at = this.#texts.length - 1;
    if (this.#texts[at] !== undefined && this.#round[at] === round && this.#square[at] === square)
      this.#texts[at] += text;
    else {
      at = this.#texts.push(text) - 1;
      this.#from[at] = from;
      this.#round[at] = round;
      this.#square[at] = square;
    }
    this.#to[at] = to;
  }

  addBreak(): void {
    this.#texts.push(undefined);
  }

  /** The pieces' text, a space for each BREAK. */
  text(): string {
    return this.#texts.map((text) => text ?? ' ').join('');
  }

  /** The pieces with their weights, neighbours of one weight joined. */
  weighed(weightOf: (round: number, square: number) => number): Fragment[] {
    const fragments: Fragment[] = [];
    for (const [at, text] of this.#texts.entries()) {
      const last = fragments[fragments.length - 1];
      if (text === undefined) {
        fragments.push({ kind: 'break' });
        continue;
      }
      const weight = weightOf(this.#round[at], this.#square[at]);
      if (last?.kind === 'text' && last.weight === weight) {
        last.text += text;
        last.to = this.#to[at];
      } else fragments.push({ kind: 'text', text, weight, from: this.#from[at], to: this.#to[at] });
    }
    return fragments.length > 0 ? fragments : [{ kind: 'text', text: '', weight: 1, from: 0, to: 0 }];
  }
}

/** The prompt's words alone, all that it changes between among them; marks, BREAK and LoRA mentions taken away. */
export function plainText(prompt: string): string {
  return piecesOf(withoutChangeMarks(extraNetworks(prompt).prompt)).pieces.text();
}
