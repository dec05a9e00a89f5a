/**
 * A1111's prompt editing and alternation: the text of a prompt changes while a picture is painted.
 *
 * - `[from:to:when]` is `from` up to a step and `to` after it; `[to:when]` adds, `[from::when]` takes away.
 * - `[a|b|c]` is `a` in the first step, `b` in the second, and so on in turn.
 *
 * Both nest, in each other and in brackets of emphasis, which are left for `parsePrompt`. The grammar is that of A1111
 * 1.10 (`modules/prompt_parser.py`), which reads a bracket that does not fit into it as text, with all brackets around
 * it; and a whole prompt in which a `|` or a backslash does not fit.
 */

/** A stretch of the prompt: `to` is exclusive, both in UTF-16 units. */
interface Stretch {
  from: number;
  to: number;
}

/** A place in a prompt whose text changes, from its `[` to behind its `]`. */
export interface PromptChange extends Stretch {
  /** Each as it stands in the prompt; those of an edit are what stands before and what stands after. */
  choices: readonly Stretch[];
  /** Of an edit: its number, and whether it was written as a share of the steps. Alternation has none. */
  when?: { value: number; isShare: boolean };
}

/** The text that holds up to a step. */
export interface TimedText {
  /** The last step that it holds, counted from 1. */
  until: number;
  text: string;
}

/** A bracket that has not been closed yet. A prompt may have a million, so it is small. */
interface OpenBracket {
  at: number;
  /** How many separators were read before it. */
  before: number;
  bars: number;
  /** Behind the last bracket that was closed within it. */
  nestedUntil: number;
}

/** A number as lark's SIGNED_NUMBER has it, with nothing but space around it. */
const WHEN = /^\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*$/;

/** The places of a prompt whose text changes, by where they begin; one may lie within a choice of another. */
export function promptChanges(prompt: string): PromptChange[] {
  const changes: PromptChange[] = [];
  const open: OpenBracket[] = [];
  /** Where colons and bars stand in what is open. */
  const separators: number[] = [];
  let bars = 0;
  for (let at = 0; at < prompt.length; at++) {
    const inner = open[open.length - 1];
    switch (prompt[at]) {
      case '\\':
        if (++at >= prompt.length || prompt[at] === '\n') return [];
        break;
      case '(':
      case '[':
        open.push({ at, before: separators.length, bars: 0, nestedUntil: 0 });
        break;
      case ':':
        if (inner) separators.push(at);
        break;
      case '|':
        if (prompt[inner?.at] !== '[') return [];
        separators.push(at);
        inner.bars++;
        bars++;
        break;
      case ')':
      case ']': {
        if (!inner) break;
        const closed = closeBracket(prompt, inner, separators.splice(inner.before), at);
        if (closed === undefined) {
          // What is open has no end: its brackets and colons are text. A bar cannot be.
          if (bars > 0) return [];
          open.length = 0;
          separators.length = 0;
          break;
        }
        open.pop();
        bars -= inner.bars;
        if (open.length > 0) open[open.length - 1].nestedUntil = at + 1;
        if (closed !== 'emphasis') changes.push(closed);
      }
    }
  }
  return bars > 0 ? [] : inOrder(changes);
}

/** Changes by where they begin; where none lies in another, they close in this order. */
function inOrder(changes: PromptChange[]): PromptChange[] {
  for (let i = 1; i < changes.length; i++)
    if (changes[i].from < changes[i - 1].from) return changes.sort((a, b) => a.from - b.from);
  return changes;
}

/**
 * What a bracket is, now that it is closed; undefined where the grammar has nothing like it.
 * @param separators its own colons and bars.
 */
function closeBracket(
  prompt: string,
  { at: from, bars, nestedUntil }: OpenBracket,
  separators: readonly number[],
  at: number,
): PromptChange | 'emphasis' | undefined {
  if ((prompt[from] === '(') !== (prompt[at] === ')')) return undefined;
  if (prompt[from] === '(') return separators.length <= 1 ? 'emphasis' : undefined;
  const to = at + 1;
  if (bars > 0) return bars < separators.length ? undefined : { from, to, choices: between(from, separators, at) };
  if (separators.length === 0) return 'emphasis';
  if (separators.length > 2) return undefined;
  const last = separators[separators.length - 1];
  // What holds a bracket is no number: the text of each is looked at once.
  const written = nestedUntil > last ? undefined : WHEN.exec(prompt.slice(last + 1, at))?.[1];
  if (written === undefined) return undefined;
  const [first, second] = between(from, separators.slice(0, -1), last);
  const choices = second === undefined ? [{ from: first.from, to: first.from }, first] : [first, second];
  return { from, to, choices, when: { value: Number(written), isShare: written.includes('.') } };
}

/** What lies between marks of one character each, the first and the last apart. */
function between(first: number, marks: readonly number[], last: number): Stretch[] {
  const stretches: Stretch[] = [];
  let from = first + 1;
  for (const to of marks) {
    stretches.push({ from, to });
    from = to + 1;
  }
  stretches.push({ from, to: last });
  return stretches;
}

/**
 * What a prompt says at each step: one text where nothing changes, else one for each stretch of steps.
 * @param steps of the run, counted as A1111 counts them: by calls of the model.
 * @param hiresSteps of the second pass, where the text is that pass's: its shares count from 1, its step numbers go on
 *   from the first pass's.
 */
export function textSchedule(prompt: string, steps: number, hiresSteps?: number): TimedText[] {
  const changes = promptChanges(prompt);
  const of = hiresSteps ?? steps;
  const offset = hiresSteps === undefined ? { share: 0, step: 0 } : { share: 1, step: steps };
  const lastBefore = changes.map(({ when }) => {
    if (when === undefined) return undefined;
    const step = when.isShare ? (when.value - offset.share) * of : when.value - offset.step;
    return Math.min(of, Math.trunc(step));
  });
  const alternates = lastBefore.includes(undefined);
  const ends = alternates
    ? Array.from({ length: of }, (_, i) => i + 1)
    : lastBefore.filter((step) => step !== undefined);
  const untils = [...new Set([...ends.filter((step) => step >= 1), of])].sort((a, b) => a - b);
  return untils.map((until) => {
    const chosen = changes.map(({ choices }, i) => {
      const last = lastBefore[i];
      return choices[last === undefined ? (until - 1) % choices.length : until <= last ? 0 : 1];
    });
    return { until, text: withChoices(prompt, changes, chosen) };
  });
}

/** The prompt with one choice in each change's place. */
function withChoices(prompt: string, changes: readonly PromptChange[], chosen: readonly Stretch[]): string {
  const pieces: string[] = [];
  /** Choices that are being copied, outermost first: behind each, the rest of its change is left out. */
  const within: { choice: Stretch; change: Stretch }[] = [];
  let at = 0;
  const leave = (before: number) => {
    for (let inner = within[within.length - 1]; inner && inner.choice.to <= before; inner = within[within.length - 1]) {
      pieces.push(prompt.slice(at, inner.choice.to));
      at = inner.change.to;
      within.pop();
    }
  };
  for (const [i, change] of changes.entries()) {
    leave(change.from);
    if (change.from < at) continue; // in a choice that is left out
    pieces.push(prompt.slice(at, change.from));
    at = chosen[i].from;
    within.push({ choice: chosen[i], change });
  }
  leave(prompt.length);
  pieces.push(prompt.slice(at));
  return pieces.join('');
}

/**
 * The text of a schedule at a call of the model. As in A1111, calls count from 0 and a text holds up to and with the
 * call of its last step's number, so that the first of several holds one call longer than it says.
 */
export function textAtCall(schedule: readonly TimedText[], call: number): string {
  return (schedule.find(({ until }) => call <= until) ?? schedule[schedule.length - 1]).text;
}

/** Every text that a prompt becomes in a run of so many steps, each once. */
export function scheduledTexts(prompt: string, steps: number): string[] {
  return [...new Set(textSchedule(prompt, steps).map(({ text }) => text))];
}

/**
 * A prompt with spaces in the place of what only says how it changes, so that all its choices stand side by side, each
 * where it stood.
 */
export function withoutChangeMarks(prompt: string): string {
  const changes = promptChanges(prompt);
  if (changes.length === 0) return prompt;
  // In place, since cutting a long prompt at a million marks takes seconds.
  const units = new Uint16Array(prompt.length);
  for (let i = 0; i < units.length; i++) units[i] = prompt.charCodeAt(i);
  for (const { from, to, choices } of changes) {
    let at = from;
    for (const choice of choices) {
      units.fill(SPACE, at, choice.from);
      at = choice.to;
    }
    units.fill(SPACE, at, to);
  }
  const pieces: string[] = [];
  for (let i = 0; i < units.length; i += MOST_ARGUMENTS)
    pieces.push(String.fromCharCode(...units.subarray(i, i + MOST_ARGUMENTS)));
  return pieces.join('');
}

const SPACE = 32;
/** As many as a function takes in every browser. */
const MOST_ARGUMENTS = 8192;
