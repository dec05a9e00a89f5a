import * as v from 'valibot';
import { create } from 'zustand';
import { texts } from '../../texts/store';
import { type KeyValueStorage, persistSlot, type Slot } from '../persistence/persisted';

interface PromptHistory {
  prompts: readonly string[];
}

/** Prompts painted so far, newest first. */
export const usePromptHistory = create<PromptHistory>(() => ({ prompts: [] }));

const MAX_PROMPTS = 100;

const HISTORY_SLOT: Slot<PromptHistory> = {
  key: 'easel.prompts',
  label: texts.thePromptHistory,
  v: 1,
  migrations: {},
  parse: (value) => ({ prompts: v.parse(v.array(v.unknown()), value).filter((prompt) => typeof prompt === 'string') }),
  format: ({ prompts }) => prompts,
  merge: (base, mine, theirs) => ({
    prompts: newestFirst([...paintedSince(base.prompts, mine.prompts), ...theirs.prompts, ...mine.prompts]),
  }),
};

/** What was painted after `base`: prompts are put at the front, so those behind them stand in the order of `base`. */
function paintedSince(base: readonly string[], prompts: readonly string[]): readonly string[] {
  let painted = prompts.length;
  for (let at = base.length - 1; at >= 0 && painted > 0; at--) if (base[at] === prompts[painted - 1]) painted--;
  return prompts.slice(0, painted);
}

/** Each prompt once, and no more than are kept. */
function newestFirst(prompts: readonly string[]): readonly string[] {
  return [...new Set(prompts)].slice(0, MAX_PROMPTS);
}

/** Takes up the history of earlier visits and keeps it from now on. */
export function persistPromptHistory(storage: KeyValueStorage): () => void {
  return persistSlot(HISTORY_SLOT, usePromptHistory, storage);
}

/** Puts a prompt at the front; an empty one leaves no trace, a repeated one moves up. */
export function rememberPrompt(prompt: string): void {
  if (prompt.trim() === '') return;
  usePromptHistory.setState(({ prompts }) => ({ prompts: newestFirst([prompt, ...prompts]) }));
}

/**
 * A walk through the history: where it stands (-1 is what is being typed) and the text that was typed before it began.
 */
export interface HistoryWalk {
  at: number;
  typed: string;
}

/** One step to older (+1) or newer (-1) prompts; undefined at either end. */
export function walkHistory(
  prompts: readonly string[],
  walk: HistoryWalk | undefined,
  direction: 1 | -1,
  current: string,
): { walk: HistoryWalk; prompt: string } | undefined {
  const from = walk ?? { at: prompts[0] === current ? 0 : -1, typed: current };
  const at = from.at + direction;
  if (at < -1 || at >= prompts.length) return undefined;
  return { walk: { ...from, at }, prompt: at === -1 ? from.typed : prompts[at] };
}
