import type { Size } from '../core/image/picture';
import { paintable } from './document/document';
import type { StateHolder } from './state';
import type { WheelInput } from './tools/input';
import { actualSize, fitView, panBy, resized, zoomAbout, zoomByWheel } from './viewport/viewport';

/** What moves and scales the view of the canvas. */
export function viewCommands({ get, set }: StateHolder) {
  return {
    /** A wheel event: zooms about the pointer; with Shift it pans along x. */
    wheel({ x, y, deltaX, deltaY, modifiers }: WheelInput): void {
      const { viewport } = get();
      if (modifiers?.shift) set({ viewport: panBy(viewport, -(deltaX || deltaY), 0) });
      // A trackpad's pinch comes as small deltas with Ctrl.
      else set({ viewport: zoomByWheel(viewport, { x, y }, modifiers?.ctrl ? deltaY * 6 : deltaY) });
    },

    /** The view's size in CSS pixels; the middle stays. */
    resizeView: (size: Size): void => set({ viewport: resized(get().viewport, size) }),
    fitView: (): void => set({ viewport: fitView(get().viewport, paintable(get().document)) }),
    actualSize: (): void => set({ viewport: actualSize(get().viewport, get().document.frame) }),
    /** Moves what is seen by CSS pixels. */
    panBy: (dx: number, dy: number): void => set({ viewport: panBy(get().viewport, dx, dy) }),
    zoomBy(factor: number): void {
      const { viewport } = get();
      set({ viewport: zoomAbout(viewport, { x: viewport.width / 2, y: viewport.height / 2 }, factor) });
    },
  };
}
