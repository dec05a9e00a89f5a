import { SAMPLERS } from '../../core/diffusion/samplers/index';
import { showResult, useGallery } from '../../store/gallery/gallery';
import type { ResultRecord } from '../../store/gallery/result-record';
import { measuredDuration } from '../../store/jobs/time-left';

/** Which picture this one was made of; a click shows it, while it is there. */
function OriginLine({ origin: { id, number, how } }: { origin: NonNullable<ResultRecord['origin']> }) {
  const isThere = useGallery(({ ids }) => ids.includes(id));
  return (
    <p>
      {how} of{' '}
      {isThere ? (
        <button type="button" className="stage-origin" onClick={() => showResult(id)}>
          picture {number}
        </button>
      ) : (
        `picture ${number}`
      )}
    </p>
  );
}

/** What a picture was painted from and with, and how long that took; all of it is in `PictureInfo`. */
export function PictureFacts({ record }: { record: ResultRecord }) {
  const { request, timings, width, height, origin } = record;
  return (
    <div className="stage-facts">
      <p className="stage-prompt">{request.prompt || 'No prompt'}</p>
      <p>
        {width} × {height} · seed {request.seed} · {SAMPLERS[request.sampler].label}, {request.steps} steps ·{' '}
        {measuredDuration(timings.totalMs)}
      </p>
      {origin && <OriginLine origin={origin} />}
    </div>
  );
}
