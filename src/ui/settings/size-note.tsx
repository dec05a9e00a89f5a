import { useEngine } from '../../store/engine';
import { useGallery } from '../../store/gallery/gallery';
import { paintingMs, timesAsLong } from '../../store/jobs/painting-cost';
import { spokenDuration } from '../../store/jobs/time-left';
import { useSettings } from '../../store/settings/settings';
import { texts } from '../../texts/settings';

/** Pixels of what a model was made for that a picture may have without a word: its presets differ by less. */
const LEAST = 0.6;
const MOST = 1.5;

/** What a size that the model was not made for does to the picture, and how long that takes. */
export function SizeNote() {
  const { width, height, steps, cfgScale } = useSettings(({ values }) => values);
  const own = useSettings(({ defaults }) => defaults);
  const model = useEngine(({ model }) => model?.info.name);
  // Those of earlier visits are listed before they are read; what took two passes does not tell how long one takes.
  const like = useGallery(({ ids, results }) =>
    ids
      .map((id) => results[id]?.record)
      .find((record) => record !== undefined && record.model === model && !record.request.hires),
  );
  const pixels = (width * height) / (own.width * own.height);
  if (pixels >= LEAST && pixels <= MOST) return null;
  const times = timesAsLong({ width, height }, own);
  const time = times >= 1 ? texts.timesAsLong(times.toPrecision(times < 10 ? 1 : 2)) : texts.lessTime;
  const measured = like && spokenDuration(paintingMs({ width, height, steps, cfgScale }, like));
  return (
    <p className="size-note">
      {(pixels > MOST ? texts.largerThanMade : texts.smallerThanMade)(
        `${own.width} × ${own.height}`,
        measured === undefined ? time : texts.timeMeasured(time, measured),
      )}
    </p>
  );
}
