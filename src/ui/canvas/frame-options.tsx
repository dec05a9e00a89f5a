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
import { texts } from '../../texts/canvas';
import { GroupedSelect } from '../components/grouped-select';
import { IconButton } from '../components/icon-button';
import { Toolbar } from '../components/toolbar';
import { WholeNumber } from '../components/whole-number';
import { useCanvas } from './use-canvas';

const EDGES: readonly { edge: 'w' | 'n' | 's' | 'e'; label(pixels: number): string; icon: LucideIcon }[] = [
  { edge: 'w', label: texts.extendLeft, icon: ArrowLeftToLine },
  { edge: 'n', label: texts.extendTop, icon: ArrowUpToLine },
  { edge: 's', label: texts.extendBottom, icon: ArrowDownToLine },
  { edge: 'e', label: texts.extendRight, icon: ArrowRightToLine },
];

const SIDES = [
  { side: 'width', label: texts.width },
  { side: 'height', label: texts.height },
] as const;

const DISTANCES = [32, 64, 128, 256].map((pixels) => ({
  value: String(pixels),
  label: texts.pixelCount(pixels),
  description: pixels > 128 ? texts.far : texts.near,
  group: texts.extendBy,
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
      <Toolbar className="canvas-outpaint" label={texts.extendTheFrame}>
        {EDGES.map(({ edge, label, icon }) => (
          <IconButton key={edge} icon={icon} label={label(pixels)} onClick={() => canvas.extendFrame(edge, pixels)} />
        ))}
        <GroupedSelect
          label={texts.extendBy}
          value={String(pixels)}
          shown={texts.byPixels(pixels)}
          choices={DISTANCES}
          onChange={(value) => setPixels(Number(value))}
        />
      </Toolbar>
      <IconButton icon={Expand} label={texts.frameAll} onClick={() => fitFrame('canvas')} />
      <IconButton icon={ScanSearch} label={texts.setFrameToBest} onClick={() => fitFrame('model')} />
    </>
  );
}
