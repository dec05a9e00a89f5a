import { Brush, Download, Maximize, RotateCcw, Share2, SquareSplitHorizontal, Star, Trash2 } from 'lucide-react';
import { Tooltip } from 'radix-ui';
import { pictureFileName } from '../../store/gallery/file-name';
import { deleteResults, markFavourites, type Result, reuseSettings } from '../../store/gallery/gallery';
import type { ResultRecord } from '../../store/gallery/result-record';
import { openResult } from '../../store/imports/drop';
import { texts as keys } from '../../texts/app';
import { texts } from '../../texts/stage';
import { showView } from '../app/show-view';
import { Hint } from '../components/hint';
import { IconButton } from '../components/icon-button';
import { canSharePictures, sharePicture } from '../components/share';
import { Toolbar } from '../components/toolbar';
import { usePicture } from '../gallery/use-result';
import { MoreActions } from './more-actions';
import { PictureInfo } from './picture-info';
import { UpscaleMenu } from './upscale-menu';

interface PictureActionsProps {
  result: Result;
  zoomed: boolean;
  onZoom(): void;
  /** Shows the picture before while it is held; left out when there is none. */
  onCompare?(held: boolean): void;
  /** Begins to paint a part of it anew. */
  onDetail(): void;
}

/** What can be done with a finished picture: what is done every day by buttons, the rest by name in a menu. */
export function PictureActions({ result, zoomed, onZoom, onCompare, onDetail }: PictureActionsProps) {
  const { record } = result;
  const picture = usePicture(result);
  return (
    <Toolbar className="stage-actions" label={texts.pictureActions} onDelete={() => void deleteResults([record.id])}>
      <IconButton icon={Maximize} label={texts.actualSize} pressed={zoomed} onClick={onZoom} />
      {onCompare && (
        <IconButton
          icon={SquareSplitHorizontal}
          label={texts.holdToCompare}
          onPointerDown={() => onCompare(true)}
          onPointerUp={() => onCompare(false)}
          onPointerLeave={() => onCompare(false)}
          onKeyDown={({ key }) => (key === ' ' || key === 'Enter') && onCompare(true)}
          onKeyUp={() => onCompare(false)}
          onBlur={() => onCompare(false)}
        />
      )}
      <IconButton
        icon={Star}
        label={texts.favourite}
        pressed={record.favourite === true}
        onClick={() => void markFavourites([record.id], !record.favourite)}
      />
      <SaveActions record={record} picture={picture} />
      <PictureInfo record={record} />
      <IconButton
        icon={Brush}
        label={texts.editOnTheCanvas}
        disabled={!picture}
        onClick={() => void openResult(result).then((opened) => opened && showView('canvas'))}
      />
      <IconButton icon={RotateCcw} label={texts.reuseSettings} onClick={() => reuseSettings(result)} />
      <UpscaleMenu result={result} />
      <IconButton
        icon={Trash2}
        label={texts.deletePicture}
        shortcut={keys.keyDelete}
        onClick={() => void deleteResults([record.id])}
      />
      <MoreActions result={result} picture={picture} onDetail={onDetail} />
    </Toolbar>
  );
}

/** What takes a picture out of the page. */
function SaveActions({ record, picture }: { record: ResultRecord; picture: Result['picture'] }) {
  const name = pictureFileName(record.number, record.request);
  return (
    <>
      <Hint text={texts.download}>
        <Tooltip.Trigger asChild>
          <a className="icon-button" href={picture?.url} download={name} aria-label={texts.download}>
            <Download size={16} aria-hidden="true" />
          </a>
        </Tooltip.Trigger>
      </Hint>
      {canSharePictures() && (
        <IconButton
          icon={Share2}
          label={texts.share}
          disabled={!picture}
          onClick={() => picture && void sharePicture(picture.png, name)}
        />
      )}
    </>
  );
}
