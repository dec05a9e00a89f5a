import type { LivePicture } from '../../store/jobs/live-picture';
import { texts } from '../../texts/live';
import { LiveBar } from './live-bar';

/** What is painted while the form changes, in the place and size of any picture. */
export function LiveStage({ picture }: { picture: LivePicture }) {
  const { painted, url, isKept } = picture;
  const { width, height } = painted;
  return (
    <>
      <div className="stage-frame">
        <img
          className="stage-picture live-picture"
          data-testid="live-picture"
          src={url}
          alt={texts.livePicture}
          width={width}
          height={height}
          style={{ '--ratio': width / height, '--largest': `${4 * width}px` }}
          draggable={false}
        />
        {!isKept && <p className="stage-note">{`${texts.live} · ${texts.isNotKept}`}</p>}
      </div>
      <LiveBar picture={picture} />
    </>
  );
}
