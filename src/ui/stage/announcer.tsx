import { type EngineState, useEngine } from '../../store/engine';
import { newestResult, useGallery } from '../../store/gallery/gallery';
import { type JobsState, useJobs } from '../../store/jobs/jobs';
import { texts } from '../../texts/stage';

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
  const rest = newest === undefined ? '' : texts.pictureIsReady(newest);
  return (
    <p className="visually-hidden" role="status">
      {work === '' ? rest : work}
    </p>
  );
}

function spokenPainting({ painting }: JobsState): string {
  if (!painting) return '';
  const quarter = Math.floor((4 * painting.step) / painting.of);
  return quarter === 0 ? texts.painting : texts.percentPainted(quarter * 25);
}

function spokenState({ status, model }: EngineState): string {
  switch (status.kind) {
    case 'loading':
      return status.loading.recovering ? texts.recovering : texts.opening(status.loading.name);
    case 'painting':
    case 'starting':
    case 'ready':
      return '';
    case 'empty':
      return model ? '' : texts.noModelIsOpen;
    default:
      return status satisfies never;
  }
}
