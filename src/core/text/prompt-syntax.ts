import { extraNetworks } from './extra-networks';

/**
 * A piece of a prompt with one weight, and where it begins and ends in the source (UTF-16 units, `to` exclusive; the marks
 * around it lie outside, those within, as in `(a)(b)`, inside); or BREAK, which ends the current window.
 */
export type Fragment = { kind: 'text'; text: string; weight: number; from: number; to: number } | { kind: 'break' };

const ROUND = 1.1;
const SQUARE = 1 / 1.1;

/** In this order: an escape, an opening bracket, a weight with its bracket, a closing bracket, plain text, a lone colon or backslash. */
const TOKEN = /\\[()[\]\\]|[([]|:\s*([+-]?[.\d]+)\s*\)|[)\]]|[^\\()[\]:]+|[\s\S]/g;
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

/** The innermost brackets around a piece of text. Round and square ones may cross, so each kind nests by itself. */
interface Place {
  round: Bracket | undefined;
  square: Bracket | undefined;
}

/** A piece of text whose weight is known when all brackets around it have closed. */
interface Piece {
  text: string;
  from: number;
  to: number;
  place: Place;
}

/**
 * AUTOMATIC1111's attention syntax: `(x)` weighs 1.1, `[x]` 1/1.1, `(x:1.3)` 1.3; brackets nest and multiply, a backslash
 * takes a bracket literally, and a bracket left open holds to the end. Neighbours of one weight are joined.
 */
export function parsePrompt(prompt: string): Fragment[] {
  const pieces: (Piece | 'break')[] = [];
  const brackets: Bracket[] = [];
  let place: Place = { round: undefined, square: undefined };
  let closings = 0;
  const open = (kind: keyof Place, by: number) => {
    const around = place[kind];
    const bracket = { around, depth: (around?.depth ?? 0) + 1, by, closed: undefined, product: by };
    brackets.push(bracket);
    place = { ...place, [kind]: bracket };
  };
  /** Closes the innermost bracket of a kind; false when none is open. */
  const close = (kind: keyof Place, by: number): boolean => {
    const bracket = place[kind];
    if (!bracket) return false;
    bracket.by = by;
    bracket.closed = closings++;
    place = { ...place, [kind]: bracket.around };
    return true;
  };
  for (const match of prompt.matchAll(TOKEN)) {
    const [token, weight] = match;
    const add = (text: string, from = match.index, to = from + text.length) => pieces.push({ text, from, to, place });
    if (token.length === 2 && token[0] === '\\') add(token[1], match.index, match.index + 2);
    else if (token === '(') open('round', ROUND);
    else if (token === '[') open('square', SQUARE);
    else if (weight !== undefined) {
      const value = Number.parseFloat(weight);
      if (Number.isNaN(value) || !close('round', value)) add(token);
    } else if (token === ')') close('round', ROUND) || add(token);
    else if (token === ']') close('square', SQUARE) || add(token);
    else {
      let from = 0;
      for (const { 0: mark, index } of token.matchAll(BREAK)) {
        const before = token.slice(from, index).trimEnd();
        if (before !== '') add(before, match.index + from);
        pieces.push('break');
        from = index + mark.length;
      }
      if (from < token.length) add(token.slice(from), match.index + from);
    }
  }
  for (const bracket of brackets) {
    bracket.closed ??= closings++;
    bracket.product = (bracket.around?.product ?? 1) * bracket.by;
  }
  return joined(pieces);
}

/** As deep as anyone nests. Beyond it each bracket is counted once for all that stands in it, so that time grows no faster than the text. */
const MULTIPLIED_ONE_BY_ONE = 8;

/** What the brackets around a place multiply to: in the order in which they close, as A1111 rounds it. */
function weightAt({ round, square }: Place): number {
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
    const { text, from, to, place } = piece;
    const weight = weightAt(place);
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
