import { showLatest, shownResult, showResult, useGallery } from '../../store/gallery/gallery';
import { useJobs } from '../../store/jobs/jobs';
import { usePreferences } from '../../store/settings/preferences';
import { showView } from '../app/show-view';
import './result-strip.css';

/** What was painted, newest first; survives a reload. */
export function ResultStrip() {
  const open = usePreferences((state) => state.resultsOpen);
  const results = useGallery((state) => state.results);
  const loaded = useGallery((state) => state.loaded);
  const chosen = useGallery((state) => shownResult(state)?.record.id);
  const latest = useGallery(({ shown }) => shown.kind === 'latest');
  const painting = useJobs((state) => state.painting !== undefined);
  const stopped = useJobs(({ interrupted }) => interrupted !== undefined);
  const emerging = painting || stopped;
  if (!open) return null;
  return (
    <aside className="strip" aria-label="Results">
      {emerging && (
        <button type="button" className="strip-now" aria-pressed={latest} onClick={showLatest}>
          {painting ? 'Painting …' : 'Stopped'}
        </button>
      )}
      <ul className="strip-list">
        {results.map(({ record, url, saved }) => (
          <li key={record.id}>
            <button
              type="button"
              className="strip-item"
              aria-pressed={!(emerging && latest) && record.id === chosen}
              aria-label={`Picture ${record.number}${saved ? '' : ', not saved'}: ${record.request.prompt || 'no prompt'}`}
              onClick={() => {
                showResult(record.id);
                showView('paint');
              }}
            >
              <img src={url} alt="" loading="lazy" width={record.width} height={record.height} />
              {!saved && <span className="strip-unsaved">Not saved</span>}
            </button>
          </li>
        ))}
      </ul>
      {loaded && results.length === 0 && !emerging && <p className="strip-empty">Your pictures will stand here.</p>}
    </aside>
  );
}
