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
import { MAX_SIDE } from '../../core/image/picture';
import { FRAME_MIN } from '../../editor/tools/frame';
import { canvas } from '../../store/canvas/canvas';
import { fitFrame } from '../../store/canvas/canvas-frame';
import { GroupedSelect } from '../components/grouped-select';
import { IconButton } from '../components/icon-button';
import { Toolbar } from '../components/toolbar';
import { WholeNumber } from '../components/whole-number';
import { useCanvas } from './use-canvas';

const EDGES: readonly { edge: 'w' | 'n' | 's' | 'e'; label: string; icon: LucideIcon }[] = [
  { edge: 'w', label: 'left', icon: ArrowLeftToLine },
  { edge: 'n', label: 'top', icon: ArrowUpToLine },
  { edge: 's', label: 'bottom', icon: ArrowDownToLine },
  { edge: 'e', label: 'right', icon: ArrowRightToLine },
];

const SIDES = [
  { side: 'width', label: 'Width' },
  { side: 'height', label: 'Height' },
] as const;

const DISTANCES = [32, 64, 128, 256].map((pixels) => ({
  value: String(pixels),
  label: `${pixels} px`,
  description: pixels > 128 ? 'Far: the model has less to go on.' : 'Close enough to continue the picture.',
  group: 'Extend by',
}));

/** The frame by numbers and by buttons: what is painted next. Dragged beyond the picture it outpaints. */
export function FrameOptions() {
  const frame = useCanvas((state) => state.document.frame);
  const [pixels, setPixels] = useState(64);
  return (
    <>
      {SIDES.map(({ side, label }) => (
        <WholeNumber
          key={side}
          label={label}
          min={FRAME_MIN}
          max={MAX_SIDE}
          sliderMax={1024}
          value={frame[side]}
          onChange={(length) => canvas.setFrame({ ...frame, [side]: length })}
        />
      ))}
      <Toolbar className="canvas-outpaint" label="Extend the frame">
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
      </Toolbar>
      <IconButton icon={Expand} label="Frame the whole canvas" onClick={() => fitFrame('canvas')} />
      <IconButton icon={ScanSearch} label="Set the frame to the model’s best size" onClick={() => fitFrame('model')} />
    </>
  );
}
