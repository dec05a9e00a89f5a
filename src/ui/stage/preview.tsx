import { useEffect, useRef } from 'react';
import { sizeOf } from '../../jobs/job';
import type { Painting } from '../../store/jobs/jobs';
import { stageText } from '../../store/jobs/painting-progress';
import { texts } from '../../texts/stage';
import { PictureBar } from '../components/picture-bar';

interface PreviewProps {
  painting: Painting;
  /** The run failed; this is how far it came. */
  stopped: boolean;
}

/** The picture as it emerges, in the place and size it will have. */
export function Preview({ painting, stopped }: PreviewProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { preview, step, job } = painting;
  const { request } = job;
  const { width, height } = sizeOf(job);
  useEffect(() => {
    const element = canvas.current;
    if (!element || !preview) return;
    element.width = preview.width;
    element.height = preview.height;
    element.getContext('2d')?.putImageData(new ImageData(preview.rgba, preview.width, preview.height), 0, 0);
  }, [preview]);
  const style = { '--ratio': width / height, '--largest': `${4 * width}px` };
  return (
    <>
      <div className="stage-frame">
        <canvas
          ref={canvas}
          className="stage-picture stage-preview"
          style={style}
          data-testid="preview"
          data-step={step}
          aria-label={texts.preview}
          role="img"
        />
      </div>
      <PictureBar>
        <div className="stage-facts">
          <p>{stopped ? texts.stoppedAfter(step, painting.of) : stageText(painting)}</p>
          <p>{texts.sizeAndSeed(width, height, request.seed)}</p>
        </div>
      </PictureBar>
    </>
  );
}
