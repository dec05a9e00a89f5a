import { type FrameUse, frameUse } from '../../editor/document/frame-use';
import { useCanvas } from './use-canvas';

/** What the frame's next painting does. */
export function useFrameUse(): FrameUse {
  return useCanvas(({ document }) => frameUse(document));
}
