import { useRef } from 'react';
import { showLatest, shownId, useGallery } from '../../store/gallery/gallery';
import { useJobs } from '../../store/jobs/jobs';
import { useStorage } from '../../store/persistence/database';
import { usePreferences } from '../../store/settings/preferences';
import { texts } from '../../texts/gallery';
import { showView } from '../app/show-view';
import { ResultList } from './result-list';
import { useBatchResults } from './use-shown-batch';
import './result-strip.css';

/** What was painted, newest first; survives a reload. */
export function ResultStrip() {
  const open = usePreferences((state) => state.resultsOpen);
  const loaded = useGallery((state) => state.loaded);
  // Where storage hangs, the page says so, and nobody knows when earlier results come.
  const hangs = useStorage((state) => state.trouble !== undefined);
  const isEmpty = useGallery(({ ids }) => ids.length === 0) && loaded;
  const chosen = useGallery(shownId);
  const latest = useGallery(({ shown }) => shown.kind === 'latest');
  const painting = useJobs((state) => state.painting !== undefined);
  const stopped = useJobs(({ interrupted }) => interrupted !== undefined);
  const strip = useRef<HTMLElement>(null);
  const emerging = painting || stopped;
  const batch = useBatchResults();
  if (!open) return null;
  const showNow = () => {
    showLatest();
    if (!emerging) showView('paint');
  };
  return (
    <aside className="strip" aria-label={texts.results} aria-busy={!loaded && !hangs} ref={strip}>
      {(emerging || batch) && (
        <button type="button" className="strip-now" aria-pressed={latest} onClick={showNow}>
          {painting ? texts.painting : stopped ? texts.stopped : texts.allOfBatch(batch?.length ?? 0)}
        </button>
      )}
      <ResultList scroller={strip} chosen={(emerging || batch) && latest ? undefined : chosen} />
      {isEmpty && !emerging && <p className="strip-empty">{texts.picturesWillAppearHere}</p>}
    </aside>
  );
}
