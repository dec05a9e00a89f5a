import { SAMPLERS } from '../../core/diffusion/samplers/index';
import type { Origin } from '../../core/request/recipe';
import { showResult, useGallery } from '../../store/gallery/gallery';
import type { ResultRecord } from '../../store/gallery/result-record';
import { measuredDuration } from '../../store/jobs/time-left';

const WAYS: Readonly<Record<Origin['way'], string>> = {
  variation: 'Variation',
  hires: 'Hires. fix',
  upscale: 'Upscaled copy',
  'sd-upscale': 'SD upscale',
  between: 'Between',
  detail: 'Detail',
};

/** Which picture this one was made of; a click shows it, while it is there. */
function OriginLine({ origin: { id, number, way, detail = WAYS[way] } }: { origin: Origin }) {
  const isThere = useGallery(({ ids }) => id !== undefined && ids.includes(id));
  return (
    <p>
      {detail} of{' '}
      {isThere && id !== undefined ? (
        <button type="button" className="stage-origin" onClick={() => showResult(id)}>
          picture {number}
        </button>
      ) : (
        `picture ${number}`
      )}
    </p>
  );
}

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
      {origin && <OriginLine origin={origin} />}
      <p>
        {model} · {width} × {height} · seed {request.seed} · {SAMPLERS[request.sampler].label}, {request.steps} steps ·
        CFG {request.cfgScale} · {measuredDuration(timings.totalMs)}
      </p>
    </div>
  );
}
