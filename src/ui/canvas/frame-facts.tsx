import { fitFrame } from '../../store/canvas/canvas-frame';
import { suitedValues, useSettings } from '../../store/settings/settings';
import { useCanvas } from './use-canvas';
import { useFrameUse } from './use-frame-use';
import { usePaintingSize } from './use-painting-size';

/** Beyond this many times as long, an enlarged painting shows it. */
const BLURRED = 2;

/** What is painted next, and at what size; where that is much enlarged, a way out beside it. */
export function FrameFacts() {
  const { width, height } = useCanvas(({ document }) => document.frame);
  const painted = usePaintingSize();
  const { task } = useFrameUse();
  const inpaintArea = useSettings((state) => suitedValues(state).inpaintArea);
  const isScaled = painted.width !== width || painted.height !== height;
  const times = Math.sqrt((width * height) / (painted.width * painted.height));
  // By itself a hole has all the model's pixels.
  const isByItself = inpaintArea === 'only-masked' && (task === 'inpaint' || task === 'outpaint');
  const isBlurred = times > BLURRED && !isByItself;
  return (
    <>
      <p className="canvas-facts" data-warns={isBlurred ? '' : undefined}>
        Frame {width} × {height}
        {isScaled && `, painted at ${painted.width} × ${painted.height}`}
        {isBlurred && ` and enlarged ${times.toFixed(1)}×: little detail`}
      </p>
      {isBlurred && (
        <button type="button" className="button" onClick={() => fitFrame('model')}>
          Set the frame to the model’s size
        </button>
      )}
    </>
  );
}
