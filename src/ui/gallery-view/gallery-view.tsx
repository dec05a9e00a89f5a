import { useRef, useState } from 'react';
import { deleteResults, useGallery } from '../../store/gallery/gallery';
import { favourResults, useResultIndex } from '../../store/gallery/result-index';
import { saveArchive } from '../../store/gallery/save-archive';
import { NOTHING } from '../../store/gallery/selection';
import { texts } from '../../texts/gallery-view';
import { saveFile } from '../components/save-file';
import { CompareView } from './compare-view';
import { FullView } from './full-view';
import { GalleryToolbar } from './gallery-toolbar';
import { ResultGrid } from './result-grid';
import { SelectionBar } from './selection-bar';
import { EVERYTHING, useFound, type Wanted } from './use-found';
import './gallery-view.css';

/** What lies over the grid. */
type Over = { kind: 'picture'; id: string } | { kind: 'comparison'; ids: readonly [string, string] };

/** All results: by day, to find, to mark, to look at and to take along. */
export default function GalleryView() {
  const [wanted, setWanted] = useState(EVERYTHING);
  const { days, found, of, complete } = useFound(wanted);
  const [selection, setSelection] = useState(NOTHING);
  const [selecting, setSelecting] = useState(false);
  const scroller = useRef<HTMLDivElement>(null);
  const focus = useRef((_: string): void => {});
  const { over, open, compare, close } = useOverlay((id) => focus.current(id));
  const want = (change: Partial<Wanted>) => {
    setWanted({ ...wanted, ...change });
    scroller.current?.scrollTo({ top: 0 });
  };
  const chosen = found.filter((id) => selection.chosen.has(id));
  const onDelete = (ids: readonly string[]) => void deleteResults(ids);
  return (
    <main className="gallery" aria-label={texts.gallery} data-selecting={selecting ? '' : undefined}>
      <GalleryToolbar
        wanted={wanted}
        onWant={want}
        found={found.length}
        of={of}
        selecting={selecting}
        onSelecting={setSelecting}
      />
      <div className="gallery-results" ref={scroller}>
        <ResultGrid
          scroller={scroller}
          days={days}
          found={found}
          selection={selection}
          selecting={selecting}
          onSelect={setSelection}
          onOpen={open}
          onDelete={onDelete}
          onFavour={favourAll}
          onCompare={compare}
          focus={focus}
        />
        {found.length === 0 && <Empty any={of > 0} reading={!complete} onAll={() => setWanted(EVERYTHING)} />}
      </div>
      {chosen.length > 0 && (
        <SelectionBar
          ids={chosen}
          onOpen={open}
          onCompare={compare}
          onSave={(ids) => void saveArchive(ids, saveFile)}
          onDelete={onDelete}
          onClear={() => setSelection(NOTHING)}
        />
      )}
      <Overlay over={over} found={found} onShow={open} onDelete={onDelete} onClose={close} />
    </main>
  );
}

/** What lies over the grid, and what opens and closes that. @param onClosed is given where the focus goes */
function useOverlay(onClosed: (id: string) => void) {
  const [over, setOver] = useState<Over>();
  return {
    over,
    open: (id: string) => setOver({ kind: 'picture', id }),
    compare([a, b, ...others]: readonly string[]) {
      if (b !== undefined && others.length === 0) setOver({ kind: 'comparison', ids: [a, b] });
    },
    close(id: string) {
      setOver(undefined);
      onClosed(id);
    },
  };
}

interface OverlayProps {
  over: Over | undefined;
  found: readonly string[];
  onShow(id: string): void;
  onDelete(ids: readonly string[]): void;
  /** The focus goes back to the result. */
  onClose(id: string): void;
}

function Overlay({ over, onClose, ...rest }: OverlayProps) {
  switch (over?.kind) {
    case 'picture':
      return <FullView id={over.id} {...rest} onClose={() => onClose(over.id)} />;
    case 'comparison':
      return <CompareView ids={over.ids} onClose={() => onClose(over.ids[0])} />;
    default:
      return null;
  }
}

/** Marks them all as favourites; where they all are, none of them. */
function favourAll(ids: readonly string[]): void {
  const { facts } = useResultIndex.getState();
  void favourResults(ids, !ids.every((id) => facts.get(id)?.favourite));
}

/** Why no result is shown, and what to do about it. */
function Empty({ any, reading, onAll }: { any: boolean; reading: boolean; onAll(): void }) {
  const loaded = useGallery((state) => state.loaded);
  if (reading || !loaded) return <p className="gallery-empty">{texts.reading}</p>;
  if (any)
    return (
      <div className="gallery-empty" role="status">
        <p>{texts.nothingFound}</p>
        <button type="button" className="button" onClick={onAll}>
          {texts.showAll}
        </button>
      </div>
    );
  return (
    <div className="gallery-empty">
      <p>{texts.nothingYet}</p>
      <a className="button" href="#paint">
        {texts.goPaint}
      </a>
    </div>
  );
}
