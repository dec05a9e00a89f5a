import { type RefObject, useEffect, useRef } from 'react';

/**
 * Brings an entry of a list to the place that the pointer drags it to.
 * @param move called with the entry and each place that it comes over, from 0
 * @returns what begins to drag an entry, on pointerdown
 */
export function useDragOrder(
  list: RefObject<HTMLElement | null>,
  move: (id: string, to: number) => void,
): (id: string) => void {
  const moving = useRef(move);
  useEffect(() => {
    moving.current = move;
  });
  const stop = useRef<() => void>(undefined);
  useEffect(() => () => stop.current?.(), []);
  return (id) => {
    let at: number | undefined;
    const onMove = ({ clientY }: PointerEvent) => {
      const entries = [...(list.current?.children ?? [])].map((entry) => entry.getBoundingClientRect());
      const over = entries.findIndex(({ top, bottom }) => clientY >= top && clientY <= bottom);
      if (over < 0 || over === at) return;
      at = over;
      moving.current(id, over);
    };
    // On the window: an element that is moved in the page loses its hold on the pointer.
    const listening = new AbortController();
    stop.current = () => listening.abort();
    window.addEventListener('pointermove', onMove, { signal: listening.signal });
    for (const end of ['pointerup', 'pointercancel'] as const)
      window.addEventListener(end, () => listening.abort(), { signal: listening.signal });
  };
}
