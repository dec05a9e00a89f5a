import { isCanvasUsed } from '../../store/canvas';
import { useCanvas } from './use-canvas';

/** Whether there is something on the canvas; once there was, it stays a canvas. */
export function useCanvasUsed(): boolean {
  return useCanvas(isCanvasUsed);
}
