import type { Size } from '../../core/image/picture';
import type { View } from './zoom';

/** Of a picture in its frame, as far as it is zoomed and moved. */
export function zoomStyle({ width, height }: Size, { x, y, zoom }: View) {
  return {
    '--ratio': width / height,
    '--largest': `${4 * width}px`,
    transform: `translate(${x}px, ${y}px) scale(${zoom})`,
    imageRendering: zoom > 3 ? ('pixelated' as const) : undefined,
    // A finger scrolls the page past a fitted picture and moves one that is zoomed.
    touchAction: zoom === 1 ? 'pan-y' : 'none',
  };
}
