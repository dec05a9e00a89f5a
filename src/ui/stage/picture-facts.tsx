import type { Origin } from '../../core/request/recipe';
import { showResult, useGallery } from '../../store/gallery/gallery';
import type { ResultRecord } from '../../store/gallery/result-record';
import { measuredDuration } from '../../store/jobs/time-left';
import { labelOfChoice } from '../../texts/fields';
import { texts } from '../../texts/stage';
import { Sentence } from '../components/sentence';
import { subjectText } from '../components/subject-text';

const WAYS: Readonly<Record<Origin['way'], string>> = {
  variation: texts.variation,
  hires: texts.hiresFix,
  upscale: texts.upscaledCopy,
  'sd-upscale': texts.sdUpscale,
  between: texts.between,
  detail: texts.detail,
};

/** Which picture this one was made of; a click shows it, while it is there. */
function OriginLine({ origin: { id, number, way, detail = WAYS[way] } }: { origin: Origin }) {
  const isThere = useGallery(({ ids }) => id !== undefined && ids.includes(id));
  const name = texts.pictureNumber(number);
  const picture =
    isThere && id !== undefined ? (
      <button type="button" className="stage-origin" onClick={() => showResult(id)}>
        {name}
      </button>
    ) : (
      name
    );
  return (
    <p>
      <Sentence of={texts.madeOf(detail, picture)} />
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
      <p className="stage-prompt">{subjectText(request)}</p>
      {request.negativePrompt && <p>{texts.negative(request.negativePrompt)}</p>}
      {origin && <OriginLine origin={origin} />}
      <p>
        {texts.pictureFacts({
          ...request,
          model,
          size: `${width} × ${height}`,
          sampler: labelOfChoice('sampler', request.sampler),
          time: measuredDuration(timings.totalMs),
        })}
      </p>
    </div>
  );
}
