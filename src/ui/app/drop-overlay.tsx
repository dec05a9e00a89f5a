import { useEffect, useState } from 'react';
import { type DropUse, importDrop, isDropped, usesOf } from '../../store/imports/drop';
import { texts } from '../../texts/app';
import { showView } from './show-view';
import './drop-overlay.css';

const PROMISES: Readonly<Record<DropUse, string>> = {
  'open-picture': texts.openOnTheCanvas,
  'read-settings': texts.readItsSettings,
  'use-model': texts.openAsModel,
  'use-words': texts.useAsWords,
};

/** What hovers over the page, where each of its uses lies, and the one under the pointer. */
interface Hover {
  zones: readonly { use: DropUse; box: DOMRect }[];
  use: DropUse | undefined;
}

/**
 * A picture's settings are read where the settings are, and it opens on the canvas everywhere else; a use without the
 * other has the whole page.
 */
function hoverAt({ dataTransfer, clientX: x, clientY: y }: DragEvent): Hover {
  const uses = usesOf(Array.from(dataTransfer?.items ?? []));
  const column = settingsBox();
  const page = new DOMRect(0, 0, window.innerWidth, window.innerHeight);
  const zones = uses
    .filter((use) => column !== undefined || use !== 'read-settings')
    .map((use) => ({
      use,
      box: uses.length === 1 || !column ? page : use === 'read-settings' ? column : beside(column),
    }));
  return { zones, use: (zones.find(({ box }) => holds(box, x, y)) ?? zones[zones.length - 1])?.use };
}

/** Where the settings of the view that is open are. */
function settingsBox(): DOMRect | undefined {
  const columns = Array.from(document.querySelectorAll<HTMLElement>('.settings'));
  return columns.find((column) => column.checkVisibility())?.getBoundingClientRect();
}

/** The rest of the page: beside the settings, or above them where they are as wide as the page. */
function beside({ top, right, left }: DOMRect): DOMRect {
  const { innerWidth: width, innerHeight: height } = window;
  return right - left > width / 2
    ? new DOMRect(0, 0, width, top)
    : new DOMRect(right, top, width - right, height - top);
}

const holds = ({ left, top, right, bottom }: DOMRect, x: number, y: number) =>
  x >= left && x < right && y >= top && y < bottom;

/** Says what would happen while something is dragged over the page, and does it on the drop. */
export function DropOverlay() {
  const [hover, setHover] = useState<Hover>();
  useEffect(() => {
    const over = (event: DragEvent) => {
      if (!event.dataTransfer || !isDropped(event.dataTransfer)) return;
      event.preventDefault();
      setHover(hoverAt(event));
    };
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) setHover(undefined);
    };
    const drop = (event: DragEvent) => {
      setHover(undefined);
      if (!event.dataTransfer || !isDropped(event.dataTransfer)) return;
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
      {hover.zones.map(({ use, box: { left, top, width, height } }) => (
        <p key={use} data-chosen={use === hover.use ? '' : undefined} style={{ left, top, width, height }}>
          <span>{PROMISES[use]}</span>
        </p>
      ))}
      {hover.zones.length === 0 && (
        <p className="drop-nothing">
          <span>{texts.nothingHereCanBeOpened}</span>
        </p>
      )}
    </div>
  );
}
