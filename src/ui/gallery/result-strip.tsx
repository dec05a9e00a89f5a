import { useRef } from 'react';
import { paintingOf, useEngine } from '../../store/engine';
import { showLatest, shownId, useGallery } from '../../store/gallery/gallery';
import { usePreferences } from '../../store/settings/preferences';
import { ResultList } from './result-list';
import './result-strip.css';

/** What was painted, newest first; survives a reload. */
export function ResultStrip() {
  const open = usePreferences((state) => state.resultsOpen);
  const isEmpty = useGallery(({ loaded, ids }) => loaded && ids.length === 0);
  const chosen = useGallery(shownId);
  const latest = useGallery(({ shown }) => shown.kind === 'latest');
  const painting = useEngine(({ status }) => paintingOf(status) !== undefined);
  const stopped = useEngine(({ interrupted }) => interrupted !== undefined);
  const strip = useRef<HTMLElement>(null);
  const emerging = painting || stopped;
  if (!open) return null;
  return (
    <aside className="strip" aria-label="Results" ref={strip}>
      {emerging && (
        <button type="button" className="strip-now" aria-pressed={latest} onClick={showLatest}>
          {painting ? 'Painting …' : 'Stopped'}
        </button>
      )}
      <ResultList scroller={strip} chosen={emerging && latest ? undefined : chosen} />
      {isEmpty && !emerging && <p className="strip-empty">Your pictures will appear here.</p>}
    </aside>
  );
}
