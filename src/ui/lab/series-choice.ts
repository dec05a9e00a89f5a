import { useState } from 'react';

/** Which lines of a plot are shown, and the one that is pointed at. */
export interface SeriesChoice {
  isShown(name: string): boolean;
  toggle(name: string): void;
  showAll(): void;
  hideAll(): void;
  pointed: string | undefined;
  point(name: string | undefined): void;
}

/** All lines are shown at first. */
export function useSeriesChoice(names: readonly string[]): SeriesChoice {
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [pointed, point] = useState<string>();
  return {
    isShown: (name) => !hidden.has(name),
    toggle: (name) =>
      setHidden((before) => {
        const after = new Set(before);
        if (!after.delete(name)) after.add(name);
        return after;
      }),
    showAll: () => setHidden(new Set()),
    hideAll: () => setHidden(new Set(names)),
    pointed,
    point,
  };
}
