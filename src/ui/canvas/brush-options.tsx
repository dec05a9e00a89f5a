import { useEffect, useState } from 'react';
import { BRUSH_SIZE, type Brush } from '../../editor/tools/stroke';
import { canvas } from '../../store/canvas/canvas';
import { texts } from '../../texts/canvas';
import { GroupedSelect } from '../components/grouped-select';
import { WholeNumber } from '../components/whole-number';
import { useCanvas } from './use-canvas';

const PRESSURES: readonly { value: Brush['pressure']; label: string; description: string; group: string }[] = [
  { value: 'size', label: texts.size, description: texts.pressureSizeHelp, group: texts.penPressure },
  { value: 'opacity', label: texts.opacity, description: texts.pressureOpacityHelp, group: texts.penPressure },
  { value: 'both', label: texts.pressureBoth, description: texts.pressureBothHelp, group: texts.penPressure },
  { value: 'none', label: texts.pressureOff, description: texts.pressureOffHelp, group: texts.penPressure },
];

/** The brush: size in pixels of the screen, hardness and opacity in percent, and what a pen's pressure does. */
export function BrushOptions() {
  const { size, hardness, opacity, pressure } = useCanvas((state) => state.brush);
  const pen = usePen();
  return (
    <>
      <WholeNumber
        label={texts.size}
        {...BRUSH_SIZE}
        sliderMax={300}
        value={Math.round(size)}
        onChange={(value) => canvas.setBrush({ size: value })}
      />
      <WholeNumber
        label={texts.hardness}
        min={0}
        max={100}
        value={Math.round(100 * hardness)}
        onChange={(value) => canvas.setBrush({ hardness: value / 100 })}
      />
      <WholeNumber
        label={texts.opacity}
        min={1}
        max={100}
        value={Math.round(100 * opacity)}
        onChange={(value) => canvas.setBrush({ opacity: value / 100 })}
      />
      {pen && (
        <GroupedSelect
          label={texts.penPressure}
          value={pressure}
          shown={texts.pen(PRESSURES.find(({ value }) => value === pressure)?.label ?? '')}
          choices={PRESSURES}
          onChange={(value) => canvas.setBrush({ pressure: value })}
        />
      )}
    </>
  );
}

/** Whether a pen has been near the page: only then does its pressure need a setting. */
function usePen(): boolean {
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    const look = ({ pointerType }: PointerEvent) => pointerType === 'pen' && setSeen(true);
    window.addEventListener('pointermove', look);
    return () => window.removeEventListener('pointermove', look);
  }, []);
  return seen;
}
