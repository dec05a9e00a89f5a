import { useGallery } from '../../store/gallery/gallery';
import { useJobs } from '../../store/jobs/jobs';
import { usePlot } from '../../store/jobs/plot';

/** Whether the stage shows the last plot: while it is painted, and until something else is painted or chosen. */
export function useShownPlot(): boolean {
  const id = usePlot((state) => state.id);
  const cells = usePlot((state) => state.cells);
  const painted = useJobs(({ painting }) => painting?.job);
  const newest = useGallery(({ ids }) => ids[0]);
  const isLatest = useGallery(({ shown }) => shown.kind === 'latest');
  if (id === undefined || !isLatest) return false;
  if (painted) return painted.cell !== undefined && (painted.cell.plot ?? painted.parent) === id;
  return newest !== undefined && cells.includes(newest);
}
