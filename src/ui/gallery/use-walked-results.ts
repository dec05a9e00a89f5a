import { type KeyboardEvent, type RefObject, useLayoutEffect, useState } from 'react';
import { deleteResults, type Result, showResult, useGallery } from '../../store/gallery/gallery';
import { type Rows, walkedTo } from './walk-rows';

interface Walked extends Rows {
  ids: readonly string[];
  results: Readonly<Record<string, Result>>;
  /** What holds the results that are on the page. */
  list: RefObject<HTMLElement | null>;
  /** Brings a result that is out of sight onto the page. */
  onSeek(place: number): void;
}

/**
 * Keys of a long list of results: arrows, Home and End walk it and show what they come to, Delete deletes and goes on
 * to the neighbour.
 * @returns what the list's element listens to, and the result that Tab comes to last left
 */
export function useWalkedResults({ ids, results, list, onSeek, ...rows }: Walked) {
  const [left, setLeft] = useState<string>();
  /** Gets the focus as soon as it is on the page. */
  const [wanted, setWanted] = useState<string>();
  useLayoutEffect(() => {
    if (wanted === undefined) return;
    const item = itemsIn(list.current).find(({ dataset }) => dataset.result === wanted);
    item?.focus();
    if (item || !ids.includes(wanted)) setWanted(undefined);
    else onSeek(ids.indexOf(wanted));
  });

  const walkTo = (id: string | undefined): void => {
    setWanted(id);
    if (id !== undefined) showResult(id);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    const { key, altKey, ctrlKey, metaKey, shiftKey, target } = event;
    const at = ids.indexOf((target as HTMLElement).dataset.result ?? '');
    if (at < 0 || altKey || ctrlKey || metaKey || shiftKey) return;
    const to = walkedTo(key, at, rows);
    if (to !== undefined) walkTo(ids[to]);
    else if ((key === 'Delete' || key === 'Backspace') && results[ids[at]]) {
      void deleteResults([ids[at]]);
      const { ids: rest } = useGallery.getState();
      setWanted(rest[Math.min(at, rest.length - 1)]);
    } else return;
    event.preventDefault();
  };
  const onFocus = ({ target }: { target: EventTarget }): void => setLeft((target as HTMLElement).dataset.result);
  return { left, handlers: { onKeyDown, onFocus } };
}

const itemsIn = (list: HTMLElement | null): HTMLElement[] => [
  ...(list?.querySelectorAll<HTMLElement>('[data-result]') ?? []),
];
