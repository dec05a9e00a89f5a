import type { FrameTask } from '../../editor/document/frame-use';
import { paintedFrom } from '../../store/canvas/suit-canvas';
import { texts } from '../../texts/canvas';
import { FieldGroup } from '../settings/field-group';
import { FrameUpscale } from './frame-upscale';
import { useFrameUse } from './use-frame-use';

const HEADINGS: Readonly<Record<FrameTask, string>> = {
  'text-to-image': texts.textToImage,
  'image-to-image': texts.imageToImage,
  inpaint: texts.inpaint,
  outpaint: texts.outpaint,
};

/** What Generate will do, and how: A1111's img2img and inpaint. */
export function GivenPictureSettings() {
  const use = useFrameUse();
  return (
    <div className="settings-group">
      <h2 className="settings-heading">{HEADINGS[use.task]}</h2>
      <FieldGroup group="picture" from={paintedFrom(use)} />
      {use.task !== 'text-to-image' && <FrameUpscale />}
    </div>
  );
}
