import { useEffect } from 'react';
import { paintingOf, useEngine } from '../../store/engine';
import { cancelPainting, paint } from '../../store/paint';

/** Ctrl+Enter (Cmd+Enter) paints, Esc cancels, wherever the focus is. */
export function useShortcuts(): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        // A key that is held repeats, and would fill the queue.
        if (!event.repeat) paint();
      } else if (event.key === 'Escape' && !event.defaultPrevented && paintingOf(useEngine.getState().status)) {
        void cancelPainting();
      }
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
}
