import { type RefObject, useEffect, useRef } from 'react';

/**
 * Turns the wheel over a focused control into steps. React listens to the wheel passively, so that the page would
 * scroll at the same time; this listener may stop it.
 */
export function useFineWheel<T extends HTMLElement>(step: (direction: 1 | -1) => void): RefObject<T | null> {
  const element = useRef<T>(null);
  const latest = useRef(step);
  latest.current = step;
  useEffect(() => {
    const target = element.current;
    const onWheel = (event: WheelEvent) => {
      if (document.activeElement !== target || event.deltaY === 0) return;
      event.preventDefault();
      latest.current(event.deltaY < 0 ? 1 : -1);
    };
    target?.addEventListener('wheel', onWheel, { passive: false });
    return () => target?.removeEventListener('wheel', onWheel);
  }, []);
  return element;
}
