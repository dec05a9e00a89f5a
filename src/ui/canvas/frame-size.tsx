import { followFrame, usePreferences } from '../../store/settings/preferences';
import { texts } from '../../texts/canvas';
import { SizeSettings } from '../settings/size-settings';
import { usePaintingSize } from './use-painting-size';
import '../settings/flag-control.css';

/** At what size the frame is painted: as it suits frame and model, or as the form says. */
export function FrameSize() {
  const follows = usePreferences((state) => state.sizeFollowsFrame);
  const { width, height } = usePaintingSize();
  return (
    <>
      <label className="flag">
        <input type="checkbox" checked={follows} onChange={(event) => followFrame(event.currentTarget.checked)} />
        {follows ? texts.frameSizeMatched(width, height) : texts.matchFrameSize}
      </label>
      {!follows && <SizeSettings />}
    </>
  );
}
