import type { CSSProperties } from 'react';
import type { Box } from '../../core/image/picture';
import { toScreen } from '../../editor/viewport/viewport';
import { useCanvas } from './use-canvas';

/** The style that keeps an element over a box of the canvas, however the canvas is looked at. */
export function useBoxStyle(box: Box): CSSProperties {
  const viewport = useCanvas((state) => state.viewport);
  const { x, y } = toScreen(viewport, box);
  return { left: x, top: y, width: box.width * viewport.scale, height: box.height * viewport.scale };
}
