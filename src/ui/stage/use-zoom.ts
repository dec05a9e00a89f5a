import {
  type Dispatch,
  type PointerEvent,
  type RefObject,
  type SetStateAction,
  useEffect,
  useRef,
  useState,
} from 'react';
import { FIT, movedBy, type Point, pinch, toggled, truePixels, type View, zoomAt } from './zoom';

/** A press that moves less than this is a click. */
const CLICK_SLOP_PX = 4;

interface Pointers {
  /** Where each finger (or the mouse) that is down stands. */
  down: Map<number, Point>;
  moved: number;
}

/** Zoom of one picture, by `useZoomOf`. @param id the picture's; another one is fitted at first */
export function useZoom(frame: RefObject<HTMLElement | null>, id: string, picturePx: number) {
  return useZoomOf(frame, picturePx, useViewOf(id));
}

/**
 * Wheel and pinch zoom around the pointer, a drag moves what is zoomed, a click goes between fit and true pixels.
 * @param picturePx the picture's width
 * @param view how it is looked at, and what changes that: several pictures may share it
 */
export function useZoomOf(
  frame: RefObject<HTMLElement | null>,
  picturePx: number,
  [view, setView]: readonly [View, Dispatch<SetStateAction<View>>],
) {
  const pointers = useRef<Pointers>({ down: new Map(), moved: 0 });

  useWheel(frame, setView);

  const toggle = (at: Point = FIT) => {
    const fitted = frame.current?.querySelector('img')?.offsetWidth ?? picturePx;
    setView((current) => toggled(current, truePixels(picturePx, fitted, devicePixelRatio), at));
  };

  const onPointerDown = (event: PointerEvent<HTMLElement>) => {
    if (event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    const { down } = pointers.current;
    if (down.size === 0) pointers.current.moved = 0;
    down.set(event.pointerId, pointIn(frame.current, event));
  };

  const onPointerMove = (event: PointerEvent<HTMLElement>) => {
    const { down } = pointers.current;
    const from = down.get(event.pointerId);
    if (!from) return;
    const to = pointIn(frame.current, event);
    pointers.current.moved += Math.hypot(to.x - from.x, to.y - from.y);
    const [other] = [...down].filter(([id]) => id !== event.pointerId).map(([, point]) => point);
    down.set(event.pointerId, to);
    if (other) {
      const { factor, at } = pinch([from, other], [to, other]);
      setView((current) => zoomAt(current, factor, at));
    } else {
      setView((current) => (current.zoom === 1 ? current : movedBy(current, { x: to.x - from.x, y: to.y - from.y })));
    }
  };

  const onPointerUp = (event: PointerEvent<HTMLElement>) => {
    const { down, moved } = pointers.current;
    if (!down.delete(event.pointerId)) return;
    if (down.size === 0 && moved < CLICK_SLOP_PX) toggle(pointIn(frame.current, event));
  };

  const onPointerCancel = (event: PointerEvent<HTMLElement>) => {
    pointers.current.down.delete(event.pointerId);
  };

  return { view, toggle, handlers: { onPointerDown, onPointerMove, onPointerUp, onPointerCancel } };
}

function useWheel(frame: RefObject<HTMLElement | null>, setView: Dispatch<SetStateAction<View>>): void {
  useEffect(() => {
    const element = frame.current;
    // React's wheel listeners are passive and could not stop the page from scrolling.
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      // A touchpad's pinch arrives as a wheel with Ctrl, in far smaller steps.
      const factor = Math.exp(-event.deltaY / (event.ctrlKey ? 100 : 300));
      setView((current) => zoomAt(current, factor, pointIn(element, event)));
    };
    element?.addEventListener('wheel', onWheel, { passive: false });
    return () => element?.removeEventListener('wheel', onWheel);
  }, [frame, setView]);
}

/** How a picture is looked at; another one is fitted at first. */
function useViewOf(id: string) {
  const [view, setView] = useState<View>(FIT);
  const [zoomed, setZoomed] = useState(id);
  if (zoomed !== id) {
    setZoomed(id);
    setView(FIT);
  }
  return [view, setView] as const;
}

function pointIn(
  frame: HTMLElement | null | undefined,
  { clientX, clientY }: { clientX: number; clientY: number },
): Point {
  const box = frame?.getBoundingClientRect();
  if (!box) return FIT;
  return { x: clientX - box.left - box.width / 2, y: clientY - box.top - box.height / 2 };
}
