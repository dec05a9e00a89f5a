import { type RefObject, useLayoutEffect, useRef } from 'react';
import { promptMarks, weightedFragments } from '../../core/text/prompt-marks';
import './weight-highlights.css';

/** Whether the browser can tint text without changing the document (CSS Custom Highlight API). */
export const CAN_HIGHLIGHT = typeof Highlight === 'function' && 'highlights' in CSS;

/** How far above 1 (or its inverse below 1) a weight must lie for each tint; the first is rounding only. */
const LEVELS = [1.005, 1.15, 1.3, 1.6];

/**
 * What is tinted of a prompt, from its beginning: the browser's time for highlights grows with the square of their
 * number.
 */
const MAX_TINTED = 300;

/**
 * The name of the tint of a weight, as weight-highlights.css has them: `weight-more-1` .. `-4` above 1, `weight-less-1`
 * .. `-4` below; undefined at 1.
 */
export function tintOf(weight: number): string | undefined {
  const factor = weight >= 1 ? weight : weight > 0 ? 1 / weight : Number.POSITIVE_INFINITY;
  const level = LEVELS.filter((from) => factor > from).length;
  return level === 0 ? undefined : `weight-${weight > 1 ? 'more' : 'less'}-${level}`;
}

/** Tints the weighted pieces of a prompt, and what of it is no words, in the element whose first node is its text. */
export function useWeightHighlights(prompt: string): RefObject<HTMLDivElement | null> {
  const element = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const text = element.current?.firstChild;
    if (!text) return;
    const weighted = weightedFragments(prompt).flatMap((fragment) => {
      const tint = fragment.kind === 'text' ? tintOf(fragment.weight) : undefined;
      return fragment.kind === 'text' && tint !== undefined ? [{ ...fragment, tint }] : [];
    });
    const marked = promptMarks(prompt).map(({ kind, from, to }) => ({ from, to, tint: `prompt-${kind}` }));
    const tinted = [...weighted, ...marked].slice(0, MAX_TINTED).map(({ from, to, tint }) => {
      const range = new StaticRange({ startContainer: text, startOffset: from, endContainer: text, endOffset: to });
      return { highlight: highlightNamed(tint), range };
    });
    for (const { highlight, range } of tinted) highlight.add(range);
    return () => {
      for (const { highlight, range } of tinted) highlight.delete(range);
    };
  }, [prompt]);
  return element;
}

/** Both prompts share the page's highlights. */
function highlightNamed(name: string): Highlight {
  const known = CSS.highlights.get(name);
  if (known) return known;
  const highlight = new Highlight();
  CSS.highlights.set(name, highlight);
  return highlight;
}
