import { useRef, useState } from 'react';
import type { Box } from '../../core/image/picture';
import { idBefore, type Result, useGallery } from '../../store/gallery/gallery';
import { texts } from '../../texts/stage';
import { PictureBar } from '../components/picture-bar';
import { usePicture, useResult } from '../gallery/use-result';
import { DetailBar, DetailBox, middleBox } from './detail';
import { PictureActions } from './picture-actions';
import { PictureFacts } from './picture-facts';
import { useZoom } from './use-zoom';
import { zoomStyle } from './zoom-style';

/**
 * A finished picture in its frame, with its facts and what can be done with it. The buttons stay from one picture to
 * the next, and so does the focus: on Delete, too.
 */
export function Picture({ result }: { result: Result }) {
  const [comparing, setComparing] = useState(false);
  const [detail, setDetail] = useState<{ of: string; box: Box }>();
  const box = detail?.of === result.record.id ? detail.box : undefined;
  const before = useResult(useGallery((state) => idBefore(result.record.id, state)));
  const seen = comparing && before ? before : result;
  const { record, thumbnail, saved } = seen;
  const picture = usePicture(seen);
  const frame = useRef<HTMLDivElement>(null);
  const { view, toggle, handlers } = useZoom(frame, result.record.id, record.width);
  const style = zoomStyle(record, view);
  return (
    <>
      <div ref={frame} className="stage-frame">
        <img
          key={result.record.id}
          className="stage-picture"
          data-testid={picture && 'picture'}
          data-zoomed={view.zoom === 1 ? undefined : ''}
          src={picture?.url ?? thumbnail}
          alt={record.request.prompt || texts.withoutPrompt}
          width={record.width}
          height={record.height}
          style={style}
          draggable={false}
          {...handlers}
        />
        {box && (
          <DetailBox size={record} box={box} style={style} onBox={(next) => setDetail({ of: record.id, box: next })} />
        )}
        {comparing ? (
          <p className="stage-note">{texts.previousPicture}</p>
        ) : (
          !saved && <p className="stage-note stage-unsaved">{texts.notSaved}</p>
        )}
      </div>
      <PictureBar>
        {box ? (
          <DetailBar result={result} box={box} onEnd={() => setDetail(undefined)} />
        ) : (
          <>
            <PictureFacts record={record} />
            <PictureActions
              result={result}
              zoomed={view.zoom !== 1}
              onZoom={() => toggle()}
              onCompare={before ? setComparing : undefined}
              onDetail={() => setDetail({ of: record.id, box: middleBox(record) })}
            />
          </>
        )}
      </PictureBar>
    </>
  );
}
