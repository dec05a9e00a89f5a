export interface TextEdit {
  text: string;
  selectionStart: number;
  selectionEnd: number;
}

const WORD = /[^\s,()[\]:|\\]/;
const WEIGHTED = /^\((.*):([+-]?[\d.]+)\)$/s;

/**
 * Changes the weight of the word under the caret, or of the selection, as Ctrl+Up and Ctrl+Down do in A1111: `fox`
 * becomes `(fox:1.1)`, `(fox:1.1)` becomes `(fox:1.2)`, and a weight of 1 loses its brackets. In `<lora:moss:1>` it is
 * the LoRA's own weight, by half as much.
 */
export function changeWeight(edit: TextEdit, delta: number): TextEdit {
  const network = networkAround(edit);
  if (network) return withNetworkWeight(edit, network, delta / 2);
  const around = enclosing(edit) ?? wordAt(edit);
  if (!around) return edit;
  const { from, to, words, weight } = around;
  const next = rounded(weight + delta);
  const replaced = next === 1 ? words : `(${words}:${next})`;
  const selectionStart = next === 1 ? from : from + 1;
  return {
    text: edit.text.slice(0, from) + replaced + edit.text.slice(to),
    selectionStart,
    selectionEnd: selectionStart + words.length,
  };
}

const rounded = (weight: number) => Math.round(weight * 100) / 100;

/** `<lora:name:weight ...`, as far as its first weight, which may be named: `te=0.5`. */
const NETWORK_WEIGHT = /^(<\w+:[^<>:]+)(?::\s*(te=|unet=)?([+-]?[\d.]+))?/;

/** The `<kind:...>` that the selection lies in. */
function networkAround({ text, selectionStart, selectionEnd }: TextEdit): { from: number; to: number } | undefined {
  const from = text.lastIndexOf('<', selectionStart - 1);
  const to = text.indexOf('>', Math.max(from, 0)) + 1;
  const isAround = selectionStart > 0 && from >= 0 && to >= selectionEnd && to > selectionStart;
  return isAround && NETWORK_WEIGHT.test(text.slice(from, to)) ? { from, to } : undefined;
}

function withNetworkWeight({ text, selectionStart }: TextEdit, { from, to }: { from: number; to: number }, by: number) {
  const mention = text.slice(from, to);
  const next = mention.replace(NETWORK_WEIGHT, (_, name, part = '', weight = 1) => {
    return `${name}:${part}${rounded(Number(weight) + by)}`;
  });
  const caret = Math.min(selectionStart, from + next.length - 1);
  return { text: text.slice(0, from) + next + text.slice(to), selectionStart: caret, selectionEnd: caret };
}

interface Weighted {
  from: number;
  to: number;
  words: string;
  weight: number;
}

/** The innermost `(words:1.2)` around the selection. */
function enclosing({ text, selectionStart, selectionEnd }: TextEdit): Weighted | undefined {
  const from = openBefore(text, selectionStart);
  if (from === undefined) return undefined;
  const to = closeAfter(text, Math.max(selectionEnd, from + 1));
  if (to === undefined) return undefined;
  const match = WEIGHTED.exec(text.slice(from, to));
  return match ? { from, to, words: match[1], weight: Number(match[2]) } : undefined;
}

function openBefore(text: string, at: number): number | undefined {
  for (let i = at - 1, depth = 0; i >= 0; i--) {
    if (text[i] === ')') depth++;
    else if (text[i] === '(' && depth-- === 0) return i;
  }
  return text[at] === '(' ? at : undefined;
}

function closeAfter(text: string, at: number): number | undefined {
  for (let i = at, depth = 0; i < text.length; i++) {
    if (text[i] === '(') depth++;
    else if (text[i] === ')' && depth-- === 0) return i + 1;
  }
  return undefined;
}

function wordAt({ text, selectionStart, selectionEnd }: TextEdit): Weighted | undefined {
  let [from, to] = [selectionStart, selectionEnd];
  if (from === to) {
    while (from > 0 && WORD.test(text[from - 1])) from--;
    while (to < text.length && WORD.test(text[to])) to++;
  } else {
    while (from < to && /\s/.test(text[from])) from++;
    while (to > from && /\s/.test(text[to - 1])) to--;
  }
  return from === to ? undefined : { from, to, words: text.slice(from, to), weight: 1 };
}
