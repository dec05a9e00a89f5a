import { useShallow } from 'zustand/react/shallow';
import { useGallery } from '../../store/gallery/gallery';
import { useBatch } from '../../store/jobs/batch';

/** The results of the newest batch, as long as several of them are there and nothing was painted since. */
export function useBatchResults(): readonly string[] | undefined {
  const batch = useBatch((state) => state.ids);
  const there = useGallery(
    useShallow(({ ids }) => (batch.includes(ids[0]) ? batch.filter((id) => ids.includes(id)) : [])),
  );
  return there.length > 1 ? there : undefined;
}

/** The same while the stage shows what was painted last, rather than a result that was chosen. */
export function useShownBatch(): readonly string[] | undefined {
  const batch = useBatchResults();
  const isLatest = useGallery(({ shown }) => shown.kind === 'latest');
  return isLatest ? batch : undefined;
}
