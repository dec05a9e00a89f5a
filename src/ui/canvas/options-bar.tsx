import { canvas } from '../../store/canvas/canvas';
import { texts } from '../../texts/canvas';
import { Segments } from '../components/segments';
import { BrushOptions } from './brush-options';
import { ColourOptions } from './colour-options';
import { FrameOptions } from './frame-options';
import { LayersMenu } from './layers-menu';
import { useCanvas } from './use-canvas';

/** What the tool in hand works on and how. */
export function OptionsBar() {
  const tool = useCanvas((state) => state.tool);
  const layer = useCanvas((state) => state.layer);
  const strokes = tool === 'brush' || tool === 'eraser';
  const paints = strokes || tool === 'lasso' || tool === 'rectangle' || tool === 'fill';
  return (
    <div className="canvas-options">
      {(paints || tool === 'eyedropper') && (
        <Segments
          label={texts.whatIsPainted}
          value={layer}
          choices={{ mask: texts.mask, sketch: texts.sketch }}
          onChange={canvas.setLayer}
        />
      )}
      {layer === 'sketch' && tool !== 'frame' && tool !== 'pan' && <ColourOptions />}
      {strokes && <BrushOptions />}
      {tool === 'frame' && <FrameOptions />}
      <LayersMenu />
    </div>
  );
}
