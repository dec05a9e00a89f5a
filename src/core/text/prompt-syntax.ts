import { extraNetworks } from './extra-networks';

/**
 * A piece of a prompt with one weight, and where it begins and ends in the source (UTF-16 units, `to` exclusive; the marks
 * around it lie outside, those within, as in `(a)(b)`, inside); or BREAK, which ends the current window.
 */
export type Fragment = { kind: 'text'; text: string; weight: number; from: number; to: number } | { kind: 'break' };

const ROUND = 1.1;
const SQUARE = 1 / 1.1;

/** A colon that gives the bracket before it a weight, and closes it. */
const WEIGHT = /:\s*([+-]?[.\d]+)\s*\)/y;
const WORDS = /[^\\()[\]:]+/y;
const BREAK = /\bBREAK\b\s*/g;

/** A bracket in the prompt, and the next one of its kind around it. */
interface Bracket {
  around: Bracket | undefined;
  depth: number;
  /** By how much it multiplies what stands in it. */
  by: number;
  /** Its place in the order in which brackets close; those left open close at the end, the outermost first. */
  closed: number | undefined;
  /** Its factor and those around it, multiplied from the outside in. */
  product: number;
}

/** A piece of text and the innermost brackets around it, which give it its weight when all have closed. Round and square ones may cross, so each kind nests by itself. */
interface Piece {
  text: string;
  from: number;
  to: number;
  round: Bracket | undefined;
  square: Bracket | undefined;
}

/**
 * AUTOMATIC1111's attention syntax: `(x)` weighs 1.1, `[x]` 1/1.1, `(x:1.3)` 1.3; brackets nest and multiply, a backslash
 * takes a bracket literally, and a bracket left open holds to the end. Neighbours of one weight are joined.
 */
export function parsePrompt(prompt: string): Fragment[] {
  const pieces: (Piece | 'break')[] = [];
  const brackets: Bracket[] = [];
  let [round, square]: (Bracket | undefined)[] = [];
  let closings = 0;
  const opened = (around: Bracket | undefined, by: number): Bracket => {
    const bracket = { around, depth: (around?.depth ?? 0) + 1, by, closed: undefined, product: by };
    brackets.push(bracket);
    return bracket;
  };
  /** @returns the bracket that is the innermost from now on */
  const closed = (bracket: Bracket, by: number): Bracket | undefined => {
    bracket.by = by;
    bracket.closed = closings++;
    return bracket.around;
  };
  const add = (text: string, from: number, to: number) => {
    const last = pieces[pieces.length - 1];
    if (typeof last === 'object' && last.round === round && last.square === square) {
      last.text += text;
      last.to = to;
    } else pieces.push({ text, from, to, round, square });
  };
  const addWords = (words: string, start: number) => {
    let from = 0;
    for (const { 0: mark, index } of words.matchAll(BREAK)) {
      const before = words.slice(from, index).trimEnd();
      if (before !== '') add(before, start + from, start + from + before.length);
      pieces.push('break');
      from = index + mark.length;
    }
    if (from < words.length) add(words.slice(from), start + from, start + words.length);
  };
  for (let at = 0, end = 1; at < prompt.length; at = end, end++) {
    const character = prompt[at];
    if (character === '(') round = opened(round, ROUND);
    else if (character === '[') square = opened(square, SQUARE);
    else if (character === ')' && round) round = closed(round, ROUND);
    else if (character === ']' && square) square = closed(square, SQUARE);
    else if (character === '\\' && isMark(prompt[end])) add(prompt[end], at, ++end);
    else if (character === ':') {
      WEIGHT.lastIndex = at;
      const weight = WEIGHT.exec(prompt);
      const value = Number.parseFloat(weight?.[1] ?? '');
      if (weight) end = WEIGHT.lastIndex;
      if (round && !Number.isNaN(value)) round = closed(round, value);
      else add(prompt.slice(at, end), at, end);
    } else if (isMark(character)) add(character, at, end);
    else {
      WORDS.lastIndex = at;
      WORDS.test(prompt);
      end = WORDS.lastIndex;
      addWords(prompt.slice(at, end), at);
    }
  }
  for (const bracket of brackets) {
    bracket.closed ??= closings++;
    bracket.product = (bracket.around?.product ?? 1) * bracket.by;
  }
  return joined(pieces);
}

const isMark = (character: string | undefined) => character !== undefined && '\\()[]'.includes(character);

/** As deep as anyone nests. Beyond it each bracket is counted once for all that stands in it, so that time grows no faster than the text. */
const MULTIPLIED_ONE_BY_ONE = 8;

/** What the brackets around a piece multiply to: in the order in which they close, as A1111 rounds it. */
function weightOf({ round, square }: Piece): number {
  if ((round?.depth ?? 0) + (square?.depth ?? 0) > MULTIPLIED_ONE_BY_ONE)
    return (round?.product ?? 1) * (square?.product ?? 1);
  const around: Bracket[] = [];
  for (let bracket = round; bracket; bracket = bracket.around) around.push(bracket);
  for (let bracket = square; bracket; bracket = bracket.around) around.push(bracket);
  return around.sort((a, b) => Number(a.closed) - Number(b.closed)).reduce((weight, { by }) => weight * by, 1);
}

function joined(pieces: readonly (Piece | 'break')[]): Fragment[] {
  const out: Fragment[] = [];
  for (const piece of pieces) {
    const last = out[out.length - 1];
    if (piece === 'break') {
      out.push({ kind: 'break' });
      continue;
    }
    const { text, from, to } = piece;
    const weight = weightOf(piece);
    if (last?.kind === 'text' && last.weight === weight) {
      last.text += text;
      last.to = to;
    } else out.push({ kind: 'text', text, weight, from, to });
  }
  return out.length > 0 ? out : [{ kind: 'text', text: '', weight: 1, from: 0, to: 0 }];
}

/** The prompt's words alone, emphasis marks, BREAK and LoRA mentions taken away. */
export function plainText(prompt: string): string {
  return parsePrompt(extraNetworks(prompt).prompt)
    .map((fragment) => (fragment.kind === 'text' ? fragment.text : ' '))
    .join('');
}
