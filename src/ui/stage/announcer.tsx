import { type EngineState, useEngine } from '../../store/engine';
import { newestResult, useGallery } from '../../store/gallery/gallery';

/** Tells screen readers where the work stands, in quarters rather than in steps. */
export function Announcer() {
  const work = useEngine(spokenWork);
  // Pictures of earlier visits are no news.
  const painted = useGallery((state) => {
    const newest = newestResult(state)?.record;
    return newest && newest.paintedAt > performance.timeOrigin ? newest.number : undefined;
  });
  const rest = painted === undefined ? '' : `Picture ${painted} is ready`;
  return (
    <p className="visually-hidden" role="status">
      {work === '' ? rest : work}
    </p>
  );
}

function spokenWork({ status, model }: EngineState): string {
  switch (status.kind) {
    case 'loading':
      return status.loading.recovering ? 'Recovering the graphics device' : `Opening ${status.loading.name}`;
    case 'painting': {
      const { step, of } = status.painting;
      const quarter = Math.floor((4 * step) / of);
      return quarter === 0 ? 'Painting' : `${quarter * 25} percent painted`;
    }
    case 'starting':
    case 'ready':
      return '';
    case 'empty':
      return model ? '' : 'No model is open';
    default:
      return status satisfies never;
  }
}
