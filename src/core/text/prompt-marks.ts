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

/** A prompt whose comments and LoRAs are spaces. */
const wordsIn = (prompt: string) => blanked(blanked(prompt, COMMENT), NETWORK);

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

/** Syntax of extensions and other programs: a choice of words by chance, and words from a list. */
const FOREIGN = /\{[^{}|\n]*\|[^{}\n]*\}|__[\w/*-]+__/g;

/** Whether a choice in braces keeps a prompt from changing: A1111's grammar has no bar outside of square brackets. */
export function bracesStopChanges(prompt: string): boolean {
  const words = wordsIn(prompt);
  return promptChanges(words).length === 0 && promptChanges(blanked(words, FOREIGN)).length > 0;
}

/** What of a prompt is painted as words, though other programs mean something else by it; each once. */
export function foreignSyntax(prompt: string): string[] {
  return [...new Set(wordsIn(prompt).match(FOREIGN) ?? [])];
}
