import { useSyncExternalStore } from 'react';
import type { EditorSnapshot } from '../../editor/state';
import { canvas } from '../../store/canvas/canvas';

/** A part of what the canvas is. @param select gives the same thing back until it changed */
export function useCanvas<T>(select: (state: EditorSnapshot) => T): T {
  return useSyncExternalStore(canvas.subscribe, () => select(canvas.snapshot()));
}
