import {
  ArrowDownToLine,
  ArrowLeftToLine,
  ArrowRightToLine,
  ArrowUpToLine,
  Expand,
  type LucideIcon,
  ScanSearch,
} from 'lucide-react';
import { useState } from 'react';
import { FRAME_MIN } from '../../editor/tools/frame';
import { canvas } from '../../store/canvas';
import { fitFrame } from '../../store/canvas-frame';
import { GroupedSelect } from '../components/grouped-select';
import { IconButton } from '../components/icon-button';
import { WholeNumber } from '../components/whole-number';
import { useCanvas } from './use-canvas';

const EDGES: readonly { edge: 'w' | 'n' | 's' | 'e'; label: string; icon: LucideIcon }[] = [
  { edge: 'w', label: 'left', icon: ArrowLeftToLine },
  { edge: 'n', label: 'top', icon: ArrowUpToLine },
  { edge: 's', label: 'bottom', icon: ArrowDownToLine },
  { edge: 'e', label: 'right', icon: ArrowRightToLine },
];

const DISTANCES = [32, 64, 128, 256].map((pixels) => ({
  value: String(pixels),
  label: `${pixels} px`,
  description: pixels > 128 ? 'Far: the model has less to go by.' : 'Near enough to go on from what is there.',
  group: 'Extend by',
}));

/** The frame by numbers and by buttons: what is painted next. Dragged beyond the picture it outpaints. */
export function FrameOptions() {
  const frame = useCanvas((state) => state.document.frame);
  const [pixels, setPixels] = useState(64);
  return (
    <>
      <WholeNumber
        label="Width"
        min={FRAME_MIN}
        max={8192}
        sliderMax={1024}
        value={frame.width}
        onChange={(width) => canvas.setFrame({ ...frame, width })}
      />
      <WholeNumber
        label="Height"
        min={FRAME_MIN}
        max={8192}
        sliderMax={1024}
        value={frame.height}
        onChange={(height) => canvas.setFrame({ ...frame, height })}
      />
      <div className="canvas-outpaint" role="toolbar" aria-label="Extend the frame">
        {EDGES.map(({ edge, label, icon }) => (
          <IconButton
            key={edge}
            icon={icon}
            label={`Extend by ${pixels} px to the ${label}`}
            onClick={() => canvas.extendFrame(edge, pixels)}
          />
        ))}
        <GroupedSelect
          label="Extend by"
          value={String(pixels)}
          shown={`by ${pixels} px`}
          choices={DISTANCES}
          onChange={(value) => setPixels(Number(value))}
        />
      </div>
      <IconButton icon={Expand} label="Frame the whole canvas" onClick={() => fitFrame('canvas')} />
      <IconButton icon={ScanSearch} label="Frame as much as the model paints best" onClick={() => fitFrame('model')} />
    </>
  );
}
