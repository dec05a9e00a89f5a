import { SAMPLERS } from '../../core/diffusion/samplers/index';
import type { Origin } from '../../core/request/recipe';
import type { ResultRecord } from '../../store/gallery/result-record';
import { measuredDuration } from '../../store/jobs/time-left';

const WAYS: Readonly<Record<Origin['way'], string>> = { variation: 'Variation', hires: 'Hires. fix' };

/** What a picture was painted from and with, and how long that took; all of it is in `PictureInfo`. */
export function PictureFacts({ record }: { record: ResultRecord }) {
  const { request, timings, width, height, origin } = record;
  return (
    <div className="stage-facts">
      <p className="stage-prompt">{request.prompt || 'No prompt'}</p>
      {origin && (
        <p>
          {WAYS[origin.way]} of picture {origin.number}
        </p>
      )}
      <p>
        {width} × {height} · seed {request.seed} · {SAMPLERS[request.sampler].label}, {request.steps} steps ·{' '}
        {measuredDuration(timings.totalMs)}
      </p>
    </div>
  );
}
