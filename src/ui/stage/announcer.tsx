import { paintingOf, useEngine } from '../../store/engine';
import { useGallery } from '../../store/gallery';

/** Tells screen readers where the work stands, in quarters rather than in steps. */
export function Announcer() {
  const message = useEngine(({ status }) => {
    const painting = paintingOf(status);
    if (status.kind === 'loading') return `Opening ${status.loading.name}`;
    if (!painting) return '';
    const quarter = Math.floor((4 * painting.step) / painting.of);
    return quarter === 0 ? 'Painting' : `${quarter * 25} percent painted`;
  });
  const painted = useGallery(({ results }) => results[0]?.record.number);
  return (
    <p className="visually-hidden" role="status">
      {message || (painted === undefined ? '' : `Picture ${painted} is ready`)}
    </p>
  );
}
