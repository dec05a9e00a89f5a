import { type RefObject, useEffect } from 'react';
import { NOTCH_ZOOM } from '../../editor/viewport/viewport';
import { canvas } from '../../store/canvas/canvas';

const ZOOMS: Readonly<Partial<Record<string, number>>> = { '+': NOTCH_ZOOM, '=': NOTCH_ZOOM, '-': 1 / NOTCH_ZOOM };
const PAN: Readonly<Partial<Record<string, readonly [number, number]>>> = {
  ArrowLeft: [1, 0],
  ArrowRight: [-1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};
/** CSS pixels that an arrow moves the canvas by. */
const STEP = 48;

/**
 * The canvas's keys while its view is there: wherever the focus is, as in painting programs, but for fields that take
 * the keys themselves.
 */
export function useCanvasKeys(surface: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (takesKeys(event.target)) return;
      const { key, shiftKey, altKey, ctrlKey, metaKey } = event;
      // Space presses what is focused, unless that is the canvas or nothing.
      if (key === ' ' && event.target !== surface.current && event.target !== document.body) return;
      const type = event.type === 'keyup' ? 'up' : 'down';
      const modifiers = { shift: shiftKey, alt: altKey, ctrl: ctrlKey, meta: metaKey };
      if (canvas.key({ type, key, modifiers })) event.preventDefault();
      else if (type === 'down' && event.target === surface.current && !ctrlKey && !metaKey && move(key))
        event.preventDefault();
    };
    const release = () => canvas.releaseKeys();
    // Before the page's own: Esc gives up a stroke first, then cancels the painting.
    window.addEventListener('keydown', onKey, { capture: true });
    window.addEventListener('keyup', onKey, { capture: true });
    window.addEventListener('blur', release);
    return () => {
      window.removeEventListener('keydown', onKey, { capture: true });
      window.removeEventListener('keyup', onKey, { capture: true });
      window.removeEventListener('blur', release);
      release();
    };
  }, [surface]);
}

/** Fields, lists, open menus, and the results, in which Ctrl+Z brings back what was deleted. */
function takesKeys(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.closest('[data-takes-keys], input, textarea, select, [contenteditable], [role="listbox"], [role="dialog"], [role="menu"], [role="radiogroup"], [role="slider"]') !== null; // biome-ignore format: one list
}

/** Zooms or moves the canvas by a key. @returns whether the key does so */
function move(key: string): boolean {
  const zoom = ZOOMS[key];
  const pan = PAN[key];
  if (zoom !== undefined) canvas.zoomBy(zoom);
  else if (key === '0') canvas.fitView();
  else if (key === '1') canvas.actualSize();
  else if (pan) canvas.panBy(pan[0] * STEP, pan[1] * STEP);
  else return false;
  return true;
}
