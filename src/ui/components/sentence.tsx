import { createElement, Fragment, type ReactNode } from 'react';

/** A text with elements between its words, as the table of texts gives it. */
export function Sentence({ of }: { of: readonly ReactNode[] }) {
  return createElement(Fragment, null, ...of);
}
