import { create } from 'zustand';
import { type KeyValueStorage, readSlot, type Slot, writeSlot } from './persisted';

/** Prompts painted so far, newest first. */
export const usePromptHistory = create<{ prompts: readonly string[] }>(() => ({ prompts: [] }));

const MAX_PROMPTS = 100;

const HISTORY_SLOT: Slot<readonly string[]> = {
  key: 'easel.prompts',
  v: 1,
  migrations: {},
  parse: (value) => (value as unknown[]).filter((prompt) => typeof prompt === 'string'),
};

/** Takes up the history of earlier visits and keeps it from now on. */
export function keepPromptHistory(storage: KeyValueStorage): () => void {
  usePromptHistory.setState({ prompts: readSlot(HISTORY_SLOT, storage) ?? [] });
  return usePromptHistory.subscribe(({ prompts }) => writeSlot(HISTORY_SLOT, prompts, storage));
}

/** Puts a prompt at the front; an empty one leaves no trace, a repeated one moves up. */
export function rememberPrompt(prompt: string): void {
  if (prompt.trim() === '') return;
  usePromptHistory.setState(({ prompts }) => ({
    prompts: [prompt, ...prompts.filter((other) => other !== prompt)].slice(0, MAX_PROMPTS),
  }));
}

/** A walk through the history: where it stands (-1 is what is being typed) and the text that was typed before it began. */
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
