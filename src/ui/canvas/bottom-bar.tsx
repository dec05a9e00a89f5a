import { Download, ImagePlus, Maximize, Redo2, Undo2, ZoomIn, ZoomOut } from 'lucide-react';
import { Tooltip } from 'radix-ui';
import { NOTCH_ZOOM } from '../../editor/viewport/viewport';
import { canvas, frameAsPng } from '../../store/canvas/canvas';
import { texts } from '../../texts/canvas';
import { stepText } from '../../texts/tools';
import { Hint } from '../components/hint';
import { IconButton } from '../components/icon-button';
import { saveFile } from '../components/save-file';
import { EditMenu } from './edit-menu';
import { FrameFacts } from './frame-facts';
import { PictureInput } from './picture-input';
import { useCanvas } from './use-canvas';

/** History, zoom, and what stands where: under the canvas. */
export function BottomBar() {
  const undo = useCanvas((state) => state.undoLabel);
  const redo = useCanvas((state) => state.redoLabel);
  const scale = useCanvas(({ viewport }) => viewport.scale);
  return (
    <div className="canvas-bottom">
      <IconButton
        icon={Undo2}
        label={undo ? texts.undoOf(stepText(undo)) : texts.undo}
        disabled={!undo}
        onClick={canvas.undo}
      />
      <IconButton
        icon={Redo2}
        label={redo ? texts.redoOf(stepText(redo)) : texts.redo}
        disabled={!redo}
        onClick={canvas.redo}
      />
      <EditMenu />
      <FrameFacts />
      <PictureInput>
        {(choose) => <IconButton icon={ImagePlus} label={texts.openAPicture} onClick={choose} />}
      </PictureInput>
      <IconButton icon={Download} label={texts.saveFrame} onClick={() => saveFile(frameAsPng(), 'canvas.png')} />
      <IconButton
        className="canvas-zoom-step"
        icon={ZoomOut}
        label={texts.zoomOut}
        onClick={() => canvas.zoomBy(1 / NOTCH_ZOOM)}
      />
      <Hint text={texts.actualSize}>
        <Tooltip.Trigger asChild>
          <button type="button" className="canvas-zoom" onClick={canvas.actualSize}>
            {scale < 0.1 ? (100 * scale).toFixed(1) : Math.round(100 * scale)} %
          </button>
        </Tooltip.Trigger>
      </Hint>
      <IconButton
        className="canvas-zoom-step"
        icon={ZoomIn}
        label={texts.zoomIn}
        onClick={() => canvas.zoomBy(NOTCH_ZOOM)}
      />
      <IconButton icon={Maximize} label={texts.fit} onClick={canvas.fitView} />
    </div>
  );
}
