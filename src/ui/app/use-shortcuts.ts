import { useEffect } from 'react';
import { cancelPainting } from '../../store/jobs/cancel';
import { useJobs } from '../../store/jobs/jobs';
import { useView } from './views';

/** Ctrl+Enter (Cmd+Enter) paints, Esc cancels the picture and Esc Esc all, wherever the focus is. */
export function useShortcuts(): void {
  const view = useView();
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        // A key that is held repeats, and would fill the queue.
        if (!event.repeat) view.paint();
      } else if (event.key === 'Escape' && !event.defaultPrevented && useJobs.getState().painting) {
        // Held, it is one wish: a second one cancels more.
        if (!event.repeat) cancelPainting();
      }
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [view]);
}
