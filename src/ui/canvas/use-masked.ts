import { union } from '../../core/image/picture';
import { useCanvas } from './use-canvas';

/** Whether the next painting has a mask: something was masked, or the frame reaches beyond the picture. */
export function useMasked(): boolean {
  return useCanvas(({ document: { mask, picture, frame, canvas } }) => {
    const beyond = union(canvas, frame);
    const reaches = beyond.width > canvas.width || beyond.height > canvas.height;
    return mask.tiles.size > 0 || (reaches && picture.tiles.size > 0);
  });
}
