import { Blend, ClipboardCopy, Copy, FileDown, Focus, Scaling, Shuffle, Sprout } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import { useState } from 'react';
import { type Result, reuseSeed, useGallery } from '../../store/gallery/gallery';
import { canPaintAgain, paintHires, paintVariations } from '../../store/jobs/from-result';
import { texts } from '../../texts/stage';
import { copyPicture, copyText } from '../components/clipboard';
import { MoreItem, MoreMenu } from '../components/more-menu';
import { BetweenPanel } from './between-panel';
import { SavePanel } from './save-panel';

/** What is asked before it is done, in a popover. */
const PANELS = { save: SavePanel, between: BetweenPanel } as const;

interface MoreActionsProps {
  result: Result;
  /** Undefined while it is read. */
  picture: Result['picture'];
  /** Begins to paint a part of it anew. */
  onDetail(): void;
}

/** What is done with a finished picture now and then. */
export function MoreActions({ result, picture, onDetail }: MoreActionsProps) {
  const { record } = result;
  const [asked, setAsked] = useState<keyof typeof PANELS>();
  const Panel = asked && PANELS[asked];
  const again = canPaintAgain(record);
  const isOnly = useGallery(({ ids }) => ids.length < 2);
  return (
    <MoreMenu
      label={texts.moreActions}
      panel={Panel && <Panel record={record} />}
      onPanelClose={() => setAsked(undefined)}
    >
      <MoreItem icon={Shuffle} text={texts.fourVariations} disabled={!again} onSelect={() => paintVariations(record)} />
      <MoreItem
        icon={Scaling}
        text={texts.paintLarger}
        disabled={!again || record.request.hires}
        onSelect={() => paintHires(record)}
      />
      <MoreItem icon={Focus} text={texts.paintDetail} onSelect={onDetail} />
      <MoreItem
        icon={Blend}
        text={texts.interpolate}
        disabled={!again || isOnly}
        onSelect={() => setAsked('between')}
      />
      <DropdownMenu.Separator />
      <MoreItem icon={Sprout} text={texts.reuseSeed} onSelect={() => reuseSeed(result)} />
      <MoreItem
        icon={ClipboardCopy}
        text={texts.copySettings}
        onSelect={() => void copyText(record.parameters, texts.settingsCopied)}
      />
      <MoreItem
        icon={Copy}
        text={texts.copyPicture}
        disabled={!picture}
        onSelect={() => picture && void copyPicture(picture.png)}
      />
      <MoreItem icon={FileDown} text={texts.saveAs} onSelect={() => setAsked('save')} />
    </MoreMenu>
  );
}
