import { SAMPLERS } from '../../core/diffusion/samplers/index';
import type { ResultRecord } from '../../store/gallery/result-record';
import { measuredDuration } from '../../store/jobs/time-left';

/** What a picture was painted from and with, and how long that took; all of it is in `PictureInfo`. */
export function PictureFacts({ record }: { record: ResultRecord }) {
  const { request, timings, width, height } = record;
  return (
    <div className="stage-facts">
      <p className="stage-prompt">{request.prompt || 'No prompt'}</p>
      <p>
        {width} × {height} · seed {request.seed} · {SAMPLERS[request.sampler].label}, {request.steps} steps ·{' '}
        {measuredDuration(timings.totalMs)}
      </p>
    </div>
  );
}
