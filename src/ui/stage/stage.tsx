import { shownId, useGallery } from '../../store/gallery/gallery';
import { useJobs } from '../../store/jobs/jobs';
import { useLive } from '../../store/jobs/live-picture';
import { texts } from '../../texts/stage';
import { useResult } from '../gallery/use-result';
import { useShownBatch } from '../gallery/use-shown-batch';
import { useShownPlot } from '../gallery/use-shown-plot';
import { LiveStage } from '../live/live-stage';
import { PlotGrid } from '../studio/plot-grid';
import { BatchGrid } from './batch-grid';
import { FirstModel } from './first-model';
import { Picture } from './picture';
import { Preview } from './preview';
import { ProblemCard } from './problem-card';
import { Welcome } from './welcome';
import './stage.css';

/** Where the picture stands: the one being painted, the one chosen, or an invitation. */
export function Stage() {
  const painting = useJobs((state) => state.painting);
  const interrupted = useJobs((state) => state.interrupted);
  const shown = useGallery(({ shown: { kind } }) => kind);
  const id = useGallery(shownId);
  const result = useResult(id);
  const batch = useShownBatch();
  const plotted = useShownPlot();
  const live = useLive(({ isShown, picture }) => (isShown && picture?.source === 'words' ? picture : undefined));
  // A batch's finished picture stands until the next one has something to show.
  const isBetween = painting !== undefined && painting.picture > 0 && !painting.preview;
  const emerging = shown === 'latest' && !isBetween ? (painting ?? interrupted) : undefined;
  return (
    <main className="stage" aria-label={texts.picture}>
      {live ? (
        <LiveStage picture={live} />
      ) : plotted ? (
        <PlotGrid />
      ) : emerging ? (
        <Preview painting={emerging} stopped={painting === undefined} />
      ) : batch ? (
        <BatchGrid ids={batch} />
      ) : id === undefined ? (
        <Welcome />
      ) : (
        result && <Picture result={result} />
      )}
      <FirstModel offers={!live && !emerging && id === undefined} />
      <ProblemCard />
    </main>
  );
}
