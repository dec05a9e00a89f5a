import { type Said, spoken, toEaselError } from '../core/errors';
import type { ErrorSentence } from './error-sentences';
import { section, textAt } from './section';

/** Errors and notes say their sentences in English where they come from; another language has them by those. */
export const texts = section('errors', {
  sentence: (english: ErrorSentence): string | undefined => english,
});

const shown = { sentence: (english: string) => texts.sentence(english as ErrorSentence), label: textAt };

/** A sentence as the page shows it. */
export const sentenceText = (said: Said): string => spoken(said, shown);

/** What was thrown, as the page shows it. */
export const errorText = (thrown: unknown): string => sentenceText(toEaselError(thrown).said);
