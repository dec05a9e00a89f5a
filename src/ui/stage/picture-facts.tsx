import { SAMPLERS } from '../../core/diffusion/samplers/index';
import type { ResultRecord } from '../../store/gallery/result-record';
import { measuredDuration } from '../../store/jobs/time-left';

/** What a picture was painted with, and how long each stage took. */
export function PictureFacts({ record }: { record: ResultRecord }) {
  const { request, timings, width, height } = record;
  return (
    <div className="stage-facts">
      <p title={record.parameters}>
        {width} × {height} · seed {request.seed} · {SAMPLERS[request.sampler].label}, {request.steps} steps
      </p>
      <p>
        {measuredDuration(timings.totalMs)}: prompt {measuredDuration(timings.encodeMs)}, steps{' '}
        {measuredDuration(timings.denoiseMs)}, decoding {measuredDuration(timings.decodeMs)}
      </p>
    </div>
  );
}
