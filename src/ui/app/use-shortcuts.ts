import { useEffect } from 'react';
import { paintingOf, useEngine } from '../../store/engine';
import { cancelPainting } from '../../store/jobs/paint';
import { useView } from './views';

/** Ctrl+Enter (Cmd+Enter) paints, Esc cancels, wherever the focus is. */
export function useShortcuts(): void {
  const view = useView();
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        // A key that is held repeats, and would fill the queue.
        if (!event.repeat) view.paint();
      } else if (event.key === 'Escape' && !event.defaultPrevented && paintingOf(useEngine.getState().status)) {
        // Held, it is one wish: the second one ends the engine.
        if (!event.repeat) cancelPainting();
      }
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [view]);
}
