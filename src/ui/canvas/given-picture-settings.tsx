import { FieldGroup } from '../settings/field-group';
import { useMasked } from './use-masked';

/** How far a painting may go from the picture under the frame, and what the mask means: A1111's img2img and inpaint. */
export function GivenPictureSettings() {
  const masked = useMasked();
  return (
    <div className="settings-group">
      <h2 className="settings-heading">{masked ? 'Inpaint' : 'Image to image'}</h2>
      <FieldGroup group="picture" from={masked ? 'mask' : 'picture'} />
    </div>
  );
}
