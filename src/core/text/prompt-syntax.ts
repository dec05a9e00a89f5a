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
const BREAK = /(\s*\bBREAK\b\s*)/;

/**
 * AUTOMATIC1111's attention syntax: `(x)` weighs 1.1, `[x]` 1/1.1, `(x:1.3)` 1.3; brackets nest and multiply, a backslash
 * takes a bracket literally, and a bracket left open holds to the end. Neighbours of one weight are joined.
 */
export function parsePrompt(prompt: string): Fragment[] {
  const fragments: Fragment[] = [];
  const open: { bracket: '(' | '['; from: number }[] = [];
  const multiply = (from: number, by: number) => {
    for (const fragment of fragments.slice(from)) if (fragment.kind === 'text') fragment.weight *= by;
  };
  /** Closes the innermost bracket of a kind; false when none is open. */
  const close = (bracket: '(' | '[', by: number): boolean => {
    const at = open.findLastIndex((o) => o.bracket === bracket);
    if (at < 0) return false;
    multiply(open[at].from, by);
    open.splice(at, 1);
    return true;
  };
  for (const match of prompt.matchAll(TOKEN)) {
    const [token, weight] = match;
    const add = (text: string, from = match.index, to = from + text.length) =>
      fragments.push({ kind: 'text', text, weight: 1, from, to });
    if (token.length === 2 && token[0] === '\\') add(token[1], match.index, match.index + 2);
    else if (token === '(' || token === '[') open.push({ bracket: token, from: fragments.length });
    else if (weight !== undefined) {
      const value = Number.parseFloat(weight);
      if (Number.isNaN(value) || !close('(', value)) add(token);
    } else if (token === ')') close('(', ROUND) || add(token);
    else if (token === ']') close('[', SQUARE) || add(token);
    else {
      let from = match.index;
      for (const [i, piece] of token.split(BREAK).entries()) {
        // The pattern catches the BREAK itself, so every second piece is one.
        if (i % 2 === 1) fragments.push({ kind: 'break' });
        else if (piece !== '') add(piece, from);
        from += piece.length;
      }
    }
  }
  for (const { bracket, from } of open) multiply(from, bracket === '(' ? ROUND : SQUARE);
  return joined(fragments);
}

function joined(fragments: readonly Fragment[]): Fragment[] {
  const out: Fragment[] = [];
  for (const fragment of fragments) {
    const last = out[out.length - 1];
    if (fragment.kind === 'text' && last?.kind === 'text' && last.weight === fragment.weight) {
      last.text += fragment.text;
      last.to = fragment.to;
    } else out.push({ ...fragment });
  }
  return out.length > 0 ? out : [{ kind: 'text', text: '', weight: 1, from: 0, to: 0 }];
}

/** The prompt's words alone, emphasis marks, BREAK and LoRA mentions taken away. */
export function plainText(prompt: string): string {
  return parsePrompt(extraNetworks(prompt).prompt)
    .map((fragment) => (fragment.kind === 'text' ? fragment.text : ' '))
    .join('');
}
