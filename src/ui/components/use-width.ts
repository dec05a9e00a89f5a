import { type RefObject, useLayoutEffect, useState } from 'react';

/** The width of an element's content, in pixels; 0 until it stands. */
export function useWidth(element: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    if (!element.current) return;
    setWidth(element.current.clientWidth);
    const resized = new ResizeObserver(([{ contentRect }]) => contentRect.width > 0 && setWidth(contentRect.width));
    resized.observe(element.current);
    return () => resized.disconnect();
  }, [element]);
  return width;
}
