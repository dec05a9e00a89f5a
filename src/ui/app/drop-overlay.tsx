import { useEffect, useState } from 'react';
import { type DropUse, importDrop, usesOf } from '../../store/imports/drop';
import { showView } from './show-view';
import './drop-overlay.css';

const PROMISES: Readonly<Record<DropUse, string>> = {
  'open-picture': 'Open on the canvas',
  'read-settings': 'Read its settings',
  'use-model': 'Open as model, LoRA, embedding or VAE',
};

/** What hovers over the page, and the use that lies under the pointer. */
interface Hover {
  uses: readonly DropUse[];
  use: DropUse | undefined;
}

/** The uses stand side by side over the whole page. */
function hoverAt({ dataTransfer, clientX }: DragEvent): Hover {
  const uses = usesOf(Array.from(dataTransfer?.items ?? []));
  return { uses, use: uses[Math.floor((clientX / window.innerWidth) * uses.length)] };
}

/** Says what would happen while something is dragged over the page, and does it on the drop. */
export function DropOverlay() {
  const [hover, setHover] = useState<Hover>();
  useEffect(() => {
    const over = (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      setHover(hoverAt(event));
    };
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) setHover(undefined);
    };
    const drop = (event: DragEvent) => {
      setHover(undefined);
      if (!event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      void importDrop(event.dataTransfer, hoverAt(event).use).then((onCanvas) => onCanvas && showView('canvas'));
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
  if (hover === undefined) return null;
  return (
    <div className="drop-overlay">
      {hover.uses.map((use) => (
        <p key={use} data-chosen={use === hover.use ? '' : undefined}>
          {PROMISES[use]}
        </p>
      ))}
      {hover.uses.length === 0 && <p>Nothing here can be opened</p>}
    </div>
  );
}
