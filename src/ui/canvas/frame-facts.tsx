import { Tooltip } from 'radix-ui';
import { canvas } from '../../store/canvas/canvas';
import { fitFrame } from '../../store/canvas/canvas-frame';
import { suitedValues, useSettings } from '../../store/settings/settings';
import { texts } from '../../texts/canvas';
import { texts as editor } from '../../texts/tools';
import { Hint } from '../components/hint';
import { useCanvas } from './use-canvas';
import { useFrameUse } from './use-frame-use';
import { usePaintingSize } from './use-painting-size';

/** Beyond this many times as long, an enlarged painting shows it. */
const BLURRED = 2;

/**
 * What is painted next, and at what size, which leads to the frame's tool; under it, what the tool in hand does. Where
 * a painting is much enlarged, a way out beside them.
 */
export function FrameFacts() {
  const { width, height } = useCanvas(({ document }) => document.frame);
  const tool = useCanvas((state) => state.tool);
  const painted = usePaintingSize();
  const { task } = useFrameUse();
  const inpaintArea = useSettings((state) => suitedValues(state).inpaintArea);
  const isScaled = painted.width !== width || painted.height !== height;
  const times = Math.sqrt((width * height) / (painted.width * painted.height));
  // By itself a hole has all the model's pixels.
  const isByItself = inpaintArea === 'only-masked' && (task === 'inpaint' || task === 'outpaint');
  const isBlurred = times > BLURRED && !isByItself;
  const size = `${width} × ${height}`;
  const paintedSize = `${painted.width} × ${painted.height}`;
  return (
    <>
      <div className="canvas-status">
        <Hint text={texts.frameHelp} side="top">
          <Tooltip.Trigger asChild>
            <button
              type="button"
              className="canvas-facts"
              data-warns={isBlurred ? '' : undefined}
              onClick={() => canvas.setTool('frame')}
            >
              {isBlurred
                ? texts.frameBlurred(size, paintedSize, times.toFixed(1))
                : isScaled
                  ? texts.frameScaled(size, paintedSize)
                  : texts.frame(size)}
            </button>
          </Tooltip.Trigger>
        </Hint>
        <p className="canvas-help">{editor.tools[tool].help}</p>
      </div>
      {isBlurred && (
        <button type="button" className="button" onClick={() => fitFrame('model')}>
          {texts.setFrameToModel}
        </button>
      )}
    </>
  );
}
