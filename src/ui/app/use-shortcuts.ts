import { useEffect } from 'react';
import { cancelPainting } from '../../store/jobs/cancel';
import { useJobs } from '../../store/jobs/jobs';
import { undoNoticed } from '../../store/notices';
import { isTextField } from '../components/text-field';
import { useView } from './views';

/**
 * Ctrl+Enter (Cmd+Enter) paints, Esc cancels the picture and Esc Esc all, wherever the focus is. Ctrl+Z does what the
 * latest message offers to undo, but in text fields.
 */
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
      } else if (isUndo(event) && !event.defaultPrevented && !isTextField(event.target)) {
        // Left to the browser, it takes back what was typed last, in a field that may be out of sight.
        event.preventDefault();
        if (!event.repeat) undoNoticed();
      }
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [view]);
}

const isUndo = ({ key, ctrlKey, metaKey, shiftKey, altKey }: KeyboardEvent): boolean =>
  key.toLowerCase() === 'z' && (ctrlKey || metaKey) && !shiftKey && !altKey;
