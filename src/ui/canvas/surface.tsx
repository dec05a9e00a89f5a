import { type PointerEvent, useEffect, useRef } from 'react';
import type { Size } from '../../core/image/picture';
import type { PointerInput } from '../../editor/tools/input';
import { canvas } from '../../store/canvas/canvas';
import { texts } from '../../texts/canvas';
import { useCanvas } from './use-canvas';
import { useCanvasKeys } from './use-canvas-keys';

/** The drawing surface: what the hand does goes to the editor, and the editor draws. React draws nothing here. */
export function Surface() {
  const frame = useRef<HTMLDivElement>(null);
  const element = useRef<HTMLCanvasElement>(null);
  const tool = useCanvas((state) => state.tool);
  const gesture = useCanvas((state) => state.gesture);
  useEffect(() => (element.current ? show(element.current) : undefined), []);
  useCanvasKeys(frame);
  const send = (type: PointerInput['type']) => (event: PointerEvent<HTMLCanvasElement>) => {
    if (type === 'down') event.currentTarget.setPointerCapture(event.pointerId);
    canvas.pointer(pointerInput(type, event));
  };
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it takes keys
    <div ref={frame} className="canvas-surface" role="application" tabIndex={0} aria-label={texts.surfaceHelp}>
      <canvas
        ref={element}
        data-testid="canvas"
        data-tool={tool}
        data-gesture={gesture}
        onPointerDown={send('down')}
        onPointerMove={send('move')}
        onPointerUp={send('up')}
        onPointerCancel={send('cancel')}
        onPointerLeave={send('leave')}
        onContextMenu={(event) => event.preventDefault()}
      />
    </div>
  );
}

/** Keeps the editor drawing on an element, whatever its size becomes. @returns stops it */
function show(element: HTMLCanvasElement): () => void {
  let detach: (() => void) | undefined;
  let known: Size | undefined;
  const observer = new ResizeObserver(() => {
    const size = { width: element.clientWidth, height: element.clientHeight };
    if (size.width === 0 || size.height === 0) return; // its view is hidden
    const ratio = window.devicePixelRatio;
    element.width = Math.round(size.width * ratio);
    element.height = Math.round(size.height * ratio);
    canvas.resizeView(size);
    if (!known && !fitted.has(element)) canvas.fitView();
    known = size;
    fitted.add(element);
    detach?.();
    detach = drawOn(element, ratio);
  });
  observer.observe(element);
  const wheel = (event: WheelEvent) => {
    event.preventDefault();
    const { deltaX, deltaY, shiftKey, ctrlKey, metaKey, deltaMode } = event;
    const lines = deltaMode === WheelEvent.DOM_DELTA_LINE ? 20 : 1;
    const { x, y } = within(event, element);
    const modifiers = { shift: shiftKey, ctrl: ctrlKey, meta: metaKey };
    canvas.wheel({ x, y, deltaX: deltaX * lines, deltaY: deltaY * lines, modifiers });
  };
  // React listens to wheels passively, and the page would scroll.
  element.addEventListener('wheel', wheel, { passive: false });
  return () => {
    observer.disconnect();
    element.removeEventListener('wheel', wheel);
    detach?.();
  };
}

/** Elements that have shown the canvas before: coming back to the view must not move what was zoomed. */
const fitted = new WeakSet<HTMLCanvasElement>();

function drawOn(element: HTMLCanvasElement, ratio: number): () => void {
  const context = element.getContext('2d');
  if (!context) return () => {};
  return canvas.attach({
    context,
    ratio,
    createSurface(width, height) {
      const image = new OffscreenCanvas(width, height);
      const drawing = image.getContext('2d');
      if (!drawing) throw new Error('The browser gives no drawing surface.');
      return { image, context: drawing };
    },
    requestFrame(draw) {
      const id = requestAnimationFrame(draw);
      return () => cancelAnimationFrame(id);
    },
  });
}

const within = ({ clientX, clientY }: { clientX: number; clientY: number }, element: Element) => {
  const { left, top } = element.getBoundingClientRect();
  return { x: clientX - left, y: clientY - top };
};

function pointerInput(type: PointerInput['type'], event: PointerEvent<HTMLCanvasElement>): PointerInput {
  const { currentTarget, nativeEvent, pressure, pointerId, pointerType, buttons, timeStamp } = event;
  const { shiftKey, altKey, ctrlKey, metaKey } = event;
  const { left, top } = currentTarget.getBoundingClientRect();
  const at = (sample: { clientX: number; clientY: number }) => ({ x: sample.clientX - left, y: sample.clientY - top });
  return {
    type,
    ...at(event),
    pressure,
    pointerId,
    pointerType: pointerType === 'pen' || pointerType === 'touch' ? pointerType : 'mouse',
    buttons,
    modifiers: { shift: shiftKey, alt: altKey, ctrl: ctrlKey, meta: metaKey },
    time: timeStamp,
    coalesced:
      type === 'move'
        ? nativeEvent.getCoalescedEvents?.().map((sample) => ({ ...at(sample), pressure: sample.pressure }))
        : undefined,
  };
}
