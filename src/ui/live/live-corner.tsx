import { useLive } from '../../store/jobs/live-picture';
import { texts } from '../../texts/live';
import { LiveBar } from './live-bar';

/** What the frame becomes while it is sketched in, beside the sketch and not over it. */
export function LiveCorner() {
  const picture = useLive(({ on, picture }) => (on && picture?.source === 'canvas' ? picture : undefined));
  if (!picture) return null;
  const { width, height } = picture.painted;
  return (
    <section className="live-corner" aria-label={texts.livePicture}>
      <img src={picture.url} alt="" width={width} height={height} draggable={false} data-testid="live-picture" />
      <LiveBar picture={picture} />
    </section>
  );
}
