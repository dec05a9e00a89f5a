import type { PaintedFrom } from '../../core/request/applicable';
import { type FrameUse, frameUse } from '../../editor/document/frame-use';
import { usePreferences } from '../settings/preferences';
import { type Suited, useSettings } from '../settings/settings';
import { suitPicture } from '../settings/suited';
import { canvas } from './canvas';
import { sizeOfPainting } from './canvas-frame';

/** What a painting of the frame is made from: the settings that mean something are those. */
export function paintedFrom({ task, masked }: FrameUse): PaintedFrom {
  if (task === 'text-to-image') return 'frame';
  return masked ? 'mask' : 'picture';
}

/** A hole is filled from noise: what is under the mask is to go, and hardly does at a lower strength. */
const HOLE_STRENGTH = 1;

/** Of a mask this small a part of the frame, the model would see, and paint, next to nothing. */
const SMALL_MASK = 1 / 4;

/**
 * What suits the frame's next painting where nothing was chosen: a hole is painted at full strength, and by itself
 * where the whole frame would be shrunk for the model or the mask is small in it: all the model's pixels are then for
 * the hole.
 */
function suitedTo({ task, masked }: FrameUse): Suited {
  if (!masked || task === 'image-to-image') return {};
  const { frame } = canvas.snapshot().document;
  const painted = sizeOfPainting(frame);
  const isShrunk = frame.width * frame.height > painted.width * painted.height;
  const isSmall = task === 'inpaint' && masked.width * masked.height < SMALL_MASK * frame.width * frame.height;
  return { denoisingStrength: HOLE_STRENGTH, inpaintArea: isShrunk || isSmall ? 'only-masked' : 'whole' };
}

/** Tells the form what stands in the frame now. */
export function suitCanvas(): void {
  const use = frameUse(canvas.snapshot().document);
  suitPicture(paintedFrom(use), suitedTo(use));
}

/** Keeps the form's defaults those that suit the canvas, the model and the size. @returns what ends it */
export function followCanvas(): () => void {
  let { document } = canvas.snapshot();
  const stops = [
    canvas.subscribe(() => {
      if (canvas.snapshot().document === document) return;
      ({ document } = canvas.snapshot());
      suitCanvas();
    }),
    useSettings.subscribe(({ defaults, values: { width, height } }, before) => {
      const isSized = width !== before.values.width || height !== before.values.height;
      if (defaults !== before.defaults || isSized) suitCanvas();
    }),
    usePreferences.subscribe(({ sizeFollowsFrame }, before) => {
      if (sizeFollowsFrame !== before.sizeFollowsFrame) suitCanvas();
    }),
  ];
  suitCanvas();
  return () => {
    for (const stop of stops) stop();
  };
}
