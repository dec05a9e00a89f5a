import { withoutTemplateMarks } from './dynamic/resolve';
import { type Fragment, parsePrompt } from './prompt-syntax';
import { promptChanges, withoutChangeMarks } from './schedule';

/** A stretch of a prompt that is no plain text: a comment, a LoRA, or a place where the text changes. */
export interface PromptMark {
  kind: 'comment' | 'network' | 'change';
  from: number;
  to: number;
}

const COMMENT = /#[^\n]*/g;
const NETWORK = /<\w+:[^<>]+>/g;

/** Spaces in the place of what matches, so that all else stays where it is. */
const blanked = (prompt: string, pattern: RegExp) => prompt.replace(pattern, (whole) => ' '.repeat(whole.length));

/** A prompt whose comments and LoRAs are spaces, and the marks of a template too: what it chooses from is words. */
const wordsIn = (prompt: string) => blanked(blanked(withoutTemplateMarks(prompt), COMMENT), NETWORK);

/** What is marked in a prompt, in the order in which it begins. */
export function promptMarks(prompt: string): PromptMark[] {
  const matches = (text: string, pattern: RegExp, kind: PromptMark['kind']) =>
    Array.from(text.matchAll(pattern), ({ 0: { length }, index }) => ({ kind, from: index, to: index + length }));
  const changes = promptChanges(wordsIn(prompt)).map(({ from, to }) => ({ kind: 'change' as const, from, to }));
  const networks = matches(blanked(prompt, COMMENT), NETWORK, 'network');
  return [...matches(prompt, COMMENT, 'comment'), ...networks, ...changes].sort((a, b) => a.from - b.from);
}

/** What the words of a prompt weigh, where they stand: brackets that only say how the text changes weigh nothing. */
export const weightedFragments = (prompt: string): Fragment[] => parsePrompt(withoutChangeMarks(wordsIn(prompt)));
