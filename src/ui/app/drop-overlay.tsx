import { useEffect, useState } from 'react';
import { type DropMeaning, meaningOf, takeDrop } from '../../store/drop';
import './drop-overlay.css';

const PROMISES: Readonly<Record<DropMeaning, string>> = {
  'read-settings': 'Read its settings',
  'open-model': 'Open as model',
  nothing: 'Nothing here can be opened',
};

/** Says what would happen while something is dragged over the page, and does it on the drop. */
export function DropOverlay() {
  const [meaning, setMeaning] = useState<DropMeaning>();
  useEffect(() => {
    const over = (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      setMeaning(meaningOf(Array.from(event.dataTransfer.items)));
    };
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) setMeaning(undefined);
    };
    const drop = (event: DragEvent) => {
      setMeaning(undefined);
      if (!event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      void takeDrop(event.dataTransfer);
    };
    window.addEventListener('dragover', over);
    window.addEventListener('dragleave', leave);
    window.addEventListener('drop', drop);
    return () => {
      window.removeEventListener('dragover', over);
      window.removeEventListener('dragleave', leave);
      window.removeEventListener('drop', drop);
    };
  }, []);
  if (meaning === undefined) return null;
  return (
    <div className="drop-overlay">
      <p>{PROMISES[meaning]}</p>
    </div>
  );
}
