import { type EngineState, useEngine } from '../../store/engine';
import { newestResult, useGallery } from '../../store/gallery/gallery';
import { type JobsState, useJobs } from '../../store/jobs/jobs';

/** Tells screen readers where the work stands, in quarters rather than in steps. */
export function Announcer() {
  const state = useEngine(spokenState);
  const painted = useJobs(spokenPainting);
  const work = painted || state;
  // Pictures of earlier visits are no news.
  const newest = useGallery((state) => {
    const record = newestResult(state)?.record;
    return record && record.paintedAt > performance.timeOrigin ? record.number : undefined;
  });
  const rest = newest === undefined ? '' : `Picture ${newest} is ready`;
  return (
    <p className="visually-hidden" role="status">
      {work === '' ? rest : work}
    </p>
  );
}

function spokenPainting({ painting }: JobsState): string {
  if (!painting) return '';
  const quarter = Math.floor((4 * painting.step) / painting.of);
  return quarter === 0 ? 'Painting' : `${quarter * 25} percent painted`;
}

function spokenState({ status, model }: EngineState): string {
  switch (status.kind) {
    case 'loading':
      return status.loading.recovering ? 'Recovering the graphics device' : `Opening ${status.loading.name}`;
    case 'painting':
    case 'starting':
    case 'ready':
      return '';
    case 'empty':
      return model ? '' : 'No model is open';
    default:
      return status satisfies never;
  }
}
