import { GIVEN_PICTURE_FLAGS, MASK_CHOICES } from '../../core/request/image-fields';
import { choiceOf, useSettings } from '../../store/settings/settings';
import { NumberControl } from '../components/number-control';
import { ChoiceControl } from '../settings/choice-control';
import { FlagControl } from '../settings/flag-control';
import { useMasked } from './use-masked';

/** How far a painting may go from the picture under the frame, and what the mask means: A1111's img2img and inpaint. */
export function GivenPictureSettings() {
  const masked = useMasked();
  const onlyMasked = useSettings((state) => choiceOf('inpaintArea', state) === 'only-masked');
  const soft = useSettings(({ values }) => values.softMask ?? false);
  const exact = useSettings(({ values }) => values.exactSteps ?? false);
  return (
    <div className="settings-group">
      <h2 className="fine-heading">{masked ? 'Inpaint' : 'Image to image'}</h2>
      <NumberControl name="denoisingStrength" />
      {masked && (
        <>
          <NumberControl name="maskBlur" />
          {MASK_CHOICES.map((name) => (
            <ChoiceControl key={name} name={name} />
          ))}
          {onlyMasked && <NumberControl name="inpaintPadding" />}
          <FlagControl name="softMask" checked={soft} />
        </>
      )}
      <ChoiceControl name="resizeMode" />
      <ChoiceControl name="posterior" />
      {GIVEN_PICTURE_FLAGS.map((name) => (
        <FlagControl key={name} name={name} checked={exact} />
      ))}
    </div>
  );
}
