import type { MaskLook } from '../../editor/render/compose';
import { colourOfHex } from '../../editor/tools/hex-colour';
import { usePreferences } from '../settings/preferences';
import { canvas } from './canvas';

/** Shows the mask in another colour or another way, on later visits too. */
export function setMaskOverlay(change: { maskColour?: string; maskLook?: MaskLook }): void {
  usePreferences.setState(change);
}

/** Keeps the canvas showing the mask as the person wants it. @returns what ends it */
export function followMaskOverlay(): () => void {
  const show = ({ maskColour, maskLook }: { maskColour: string; maskLook: MaskLook }): void => {
    const { overlay } = canvas.snapshot();
    canvas.setOverlay({ ...overlay, colour: colourOfHex(maskColour), look: maskLook });
  };
  show(usePreferences.getState());
  return usePreferences.subscribe((now, before) => {
    if (now.maskColour !== before.maskColour || now.maskLook !== before.maskLook) show(now);
  });
}
