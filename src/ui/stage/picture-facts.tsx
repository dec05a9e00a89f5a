import { SAMPLERS } from '../../core/diffusion/samplers/index';
import type { Origin } from '../../core/request/recipe';
import type { ResultRecord } from '../../store/gallery/result-record';
import { measuredDuration } from '../../store/jobs/time-left';

const WAYS: Readonly<Record<Origin['way'], string>> = { variation: 'Variation', hires: 'Hires. fix' };

/**
 * What a picture was painted from and with, and how long that took: `PictureInfo` has the rest, each setting to copy or
 * to use.
 */
export function PictureFacts({ record }: { record: ResultRecord }) {
  const { request, timings, width, height, model, origin } = record;
  return (
    <div className="stage-facts">
      <p className="stage-prompt">{request.prompt || 'No prompt'}</p>
      {request.negativePrompt && <p>Negative: {request.negativePrompt}</p>}
      {origin && (
        <p>
          {WAYS[origin.way]} of picture {origin.number}
        </p>
      )}
      <p>
        {model} · {width} × {height} · seed {request.seed} · {SAMPLERS[request.sampler].label}, {request.steps} steps ·
        CFG {request.cfgScale} · {measuredDuration(timings.totalMs)}
      </p>
    </div>
  );
}
