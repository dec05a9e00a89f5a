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

/** @param first those that are shown until a person chooses; all where left out */
export function useSeriesChoice(names: readonly string[], first: readonly string[] = names): SeriesChoice {
  const [chosen, setChosen] = useState<Readonly<Record<string, boolean>>>({});
  const [pointed, point] = useState<string>();
  const isShown = (name: string): boolean => chosen[name] ?? first.includes(name);
  const choose = (shown: boolean) => setChosen(Object.fromEntries(names.map((name) => [name, shown])));
  return {
    isShown,
    toggle: (name) => setChosen({ ...chosen, [name]: !isShown(name) }),
    showAll: () => choose(true),
    hideAll: () => choose(false),
    pointed,
    point,
  };
}
