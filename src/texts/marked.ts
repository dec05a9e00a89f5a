import type { Section, Translate } from './section';

/** A text, a function that gives one, or a section of them, with brackets around each text. */
function marked(text: unknown): unknown {
  if (typeof text === 'string') return text === '' ? text : `⟦${text}⟧`;
  if (typeof text === 'function') return (...values: unknown[]) => marked(text(...values));
  if (Array.isArray(text)) return ['⟦', ...text, '⟧'];
  if (typeof text !== 'object' || text === null) return text;
  return Object.fromEntries(Object.entries(text).map(([key, inner]) => [key, marked(inner)]));
}

/** English with every text in brackets. What is shown without them does not come from the table. */
export const translateMarked: Translate = (_name, english) => marked(english) as Section;
