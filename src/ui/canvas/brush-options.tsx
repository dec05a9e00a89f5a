import { useEffect, useState } from 'react';
import { BRUSH_SIZE, type Brush } from '../../editor/tools/stroke';
import { canvas } from '../../store/canvas/canvas';
import { GroupedSelect } from '../components/grouped-select';
import { WholeNumber } from '../components/whole-number';
import { useCanvas } from './use-canvas';

const PRESSURES: readonly { value: Brush['pressure']; label: string; description: string; group: string }[] = [
  { value: 'size', label: 'Size', description: 'Pressing harder paints broader.', group: 'Pen pressure' },
  { value: 'opacity', label: 'Opacity', description: 'Pressing harder paints more.', group: 'Pen pressure' },
  { value: 'both', label: 'Both', description: 'Broader and more.', group: 'Pen pressure' },
  { value: 'none', label: 'Off', description: 'As with a mouse.', group: 'Pen pressure' },
];

/** The brush: size in pixels of the screen, hardness and opacity in percent, and what a pen's pressure does. */
export function BrushOptions() {
  const { size, hardness, opacity, pressure } = useCanvas((state) => state.brush);
  const pen = usePen();
  return (
    <>
      <WholeNumber
        label="Size"
        {...BRUSH_SIZE}
        sliderMax={300}
        value={Math.round(size)}
        onChange={(value) => canvas.setBrush({ size: value })}
      />
      <WholeNumber
        label="Hardness"
        min={0}
        max={100}
        value={Math.round(100 * hardness)}
        onChange={(value) => canvas.setBrush({ hardness: value / 100 })}
      />
      <WholeNumber
        label="Opacity"
        min={1}
        max={100}
        value={Math.round(100 * opacity)}
        onChange={(value) => canvas.setBrush({ opacity: value / 100 })}
      />
      {pen && (
        <GroupedSelect
          label="Pen pressure"
          value={pressure}
          shown={`Pen: ${PRESSURES.find(({ value }) => value === pressure)?.label}`}
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
