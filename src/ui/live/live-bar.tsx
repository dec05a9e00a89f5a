import { BookmarkPlus, Dices } from 'lucide-react';
import { Tooltip } from 'radix-ui';
import { RANDOM_SEED } from '../../core/request/fields';
import { drawLiveSeed, keepLive } from '../../store/jobs/live';
import type { LivePicture } from '../../store/jobs/live-picture';
import { measuredDuration } from '../../store/jobs/time-left';
import { useSettings } from '../../store/settings/settings';
import { texts } from '../../texts/live';
import { Hint } from '../components/hint';
import { IconButton } from '../components/icon-button';
import { PictureBar } from '../components/picture-bar';
import { subjectText } from '../components/subject-text';

/** What a live picture was painted with, and what can be done with it. */
export function LiveBar({ picture }: { picture: LivePicture }) {
  const isRandom = useSettings(({ values }) => values.seed === RANDOM_SEED);
  const { painted, notes, ms, isKept } = picture;
  const { request, width, height } = painted;
  const { steps, seed, fast = false } = request;
  return (
    <PictureBar>
      <div className="stage-facts">
        <p>{subjectText(request)}</p>
        <p>
          {[texts.facts({ reach: { width, height, steps }, seed, fast, ms: measuredDuration(ms) }), ...notes].join(
            ' · ',
          )}
        </p>
      </div>
      <div className="live-actions">
        {isRandom && <IconButton icon={Dices} label={texts.anotherSeed} onClick={drawLiveSeed} />}
        <Hint text={texts.keepHint} side="top">
          <Tooltip.Trigger asChild>
            <button type="button" className="live-keep" disabled={isKept} onClick={() => void keepLive()}>
              <BookmarkPlus size={16} aria-hidden="true" />
              {isKept ? texts.kept : texts.keep}
            </button>
          </Tooltip.Trigger>
        </Hint>
      </div>
    </PictureBar>
  );
}
