import { Brush, Crop, Eraser, Hand, Lasso, type LucideIcon, PaintBucket, Pipette, SquareDashed } from 'lucide-react';
import { TOOLS, type ToolId } from '../../editor/tools/gesture';
import { canvas } from '../../store/canvas/canvas';
import { texts } from '../../texts/canvas';
import { texts as editor } from '../../texts/tools';
import { IconButton } from '../components/icon-button';
import { Toolbar } from '../components/toolbar';
import { useCanvas } from './use-canvas';

const ICONS: Readonly<Record<ToolId, LucideIcon>> = {
  brush: Brush,
  eraser: Eraser,
  lasso: Lasso,
  rectangle: SquareDashed,
  fill: PaintBucket,
  eyedropper: Pipette,
  frame: Crop,
  pan: Hand,
};

/** The tools, one of which is in hand. */
export function ToolBar() {
  const tool = useCanvas((state) => state.tool);
  return (
    <Toolbar className="canvas-tools" label={texts.tools} orientation="vertical">
      {TOOLS.map(({ id, key }) => (
        <IconButton
          key={id}
          icon={ICONS[id]}
          label={`${editor.tools[id].label} (${key.toUpperCase()})`}
          help={editor.tools[id].help}
          pressed={id === tool}
          onClick={() => canvas.setTool(id)}
        />
      ))}
    </Toolbar>
  );
}
