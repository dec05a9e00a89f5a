import { type KeyboardEvent, type RefObject, useLayoutEffect, useState } from 'react';
import { all, NOTHING, rangeTo, type Selection, toggle } from '../../store/gallery/selection';
import { type GridRow, steppedTo } from './grid-rows';

interface GridKeys {
  found: readonly string[];
  rows: readonly GridRow[];
  rowsInSight: number;
  grid: RefObject<HTMLElement | null>;
  selection: Selection;
  onSelect(selection: Selection): void;
  onOpen(id: string): void;
  onDelete(ids: readonly string[]): void;
  onFavour(ids: readonly string[]): void;
  onCompare(ids: readonly string[]): void;
  /** Brings a result that is out of sight onto the page. */
  onSeek(place: number): void;
}

/**
 * Keys of the grid: arrows, Page Up and Down, Home and End walk it, with Shift they choose what lies between; Space
 * chooses, Ctrl+A all, Escape none; Enter opens, F marks as a favourite, C compares two, Delete deletes.
 * @returns what the grid listens to, the result that Tab comes to, and what brings the focus to one
 */
export function useGridKeys({ found, rows, rowsInSight, grid, ...act }: GridKeys) {
  const [left, setLeft] = useState<string>();
  /** Gets the focus as soon as it is on the page. */
  const [wanted, setWanted] = useState<string>();
  useLayoutEffect(() => {
    if (wanted === undefined) return;
    const cell = grid.current?.querySelector<HTMLElement>(`[data-result="${CSS.escape(wanted)}"]`);
    cell?.focus();
    if (cell || !found.includes(wanted)) setWanted(undefined);
    else act.onSeek(found.indexOf(wanted));
  });

  /** Those that are chosen, where the one with the focus is among them; else that one. */
  const meant = (id: string) => {
    const { chosen } = act.selection;
    return chosen.has(id) ? found.filter((other) => chosen.has(other)) : [id];
  };
  const byKey = (id: string): Readonly<Partial<Record<string, () => void>>> => ({
    ' ': () => act.onSelect(toggle(act.selection, id)),
    Enter: () => act.onOpen(id),
    // Where nothing is chosen, it cancels the picture that is being painted.
    Escape: act.selection.chosen.size > 0 ? () => act.onSelect(NOTHING) : undefined,
    f: () => act.onFavour(meant(id)),
    c: () => act.onCompare(meant(id)),
    Delete: () => deleteAt(id),
    Backspace: () => deleteAt(id),
  });
  const deleteAt = (id: string) => {
    const gone = new Set(meant(id));
    act.onDelete([...gone]);
    const behind = found.slice(found.indexOf(id)).find((other) => !gone.has(other));
    setWanted(behind ?? found.findLast((other) => !gone.has(other)));
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    const { key, altKey, shiftKey, target } = event;
    const ctrl = event.ctrlKey || event.metaKey;
    const id = (target as HTMLElement).closest<HTMLElement>('[data-result]')?.dataset.result;
    const at = id === undefined ? -1 : found.indexOf(id);
    if (id === undefined || at < 0 || altKey) return;
    const to = steppedTo(key, at, rows, rowsInSight);
    const run = ctrl || shiftKey ? undefined : byKey(id)[key.length === 1 ? key.toLowerCase() : key];
    if (ctrl && key.toLowerCase() === 'a') act.onSelect(all(found));
    else if (to !== undefined) {
      if (shiftKey) act.onSelect(rangeTo(startedAt(act.selection, id), found[to], found));
      setWanted(found[to]);
    } else if (run) run();
    else return;
    event.preventDefault();
  };
  const onFocus = ({ target }: { target: EventTarget }): void =>
    setLeft((target as HTMLElement).closest<HTMLElement>('[data-result]')?.dataset.result);
  return { left, focus: setWanted, handlers: { onKeyDown, onFocus } };
}

/** A range that is begun by keys begins where the focus was. */
const startedAt = (selection: Selection, id: string): Selection =>
  selection.anchor === undefined || !selection.chosen.has(id) ? { ...selection, anchor: id } : selection;
