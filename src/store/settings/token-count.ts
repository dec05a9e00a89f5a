import { WINDOW_PROMPT_TOKENS } from '../../core/text/windows';
import type { TokenCount } from '../../engine/protocol';
import { engine } from '../engine-port';

/** Counts a prompt's tokens with the open model's tokenizer; undefined while there is no model to count with. */
export async function countTokens(prompt: string): Promise<TokenCount | undefined> {
  try {
    return await engine().countTokens(prompt);
  } catch {
    return undefined;
  }
}

/** "23 / 75", and "98 / 150" when the prompt fills two windows. */
export function tokenText({ tokens, windows }: TokenCount): string {
  return `${tokens} / ${Math.max(1, windows) * WINDOW_PROMPT_TOKENS}`;
}
