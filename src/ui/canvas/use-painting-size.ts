import type { Size } from '../../core/image/picture';
import { paintingSize } from '../../store/canvas/canvas-frame';
import { usePreferences } from '../../store/settings/preferences';
import { useSettings } from '../../store/settings/settings';
import { useCanvas } from './use-canvas';

/** The size at which the frame is painted. */
export function usePaintingSize(): Size {
  const frame = useCanvas(({ document }) => document.frame);
  const follows = usePreferences((state) => state.sizeFollowsFrame);
  const defaults = useSettings((state) => state.defaults);
  const values = useSettings((state) => state.values);
  return follows ? paintingSize(frame, defaults) : values;
}
