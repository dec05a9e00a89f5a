import type { Result } from '../../store/gallery/gallery';
import { texts } from '../../texts/gallery-view';
import { usePicture } from '../gallery/use-result';
import type { useZoom } from '../stage/use-zoom';
import { zoomStyle } from '../stage/zoom-style';

interface ZoomedPictureProps extends Pick<ReturnType<typeof useZoom>, 'view' | 'handlers'> {
  result: Result;
}

/** A result as large as its frame's zoom has it; its thumbnail until the picture has been read. */
export function ZoomedPicture({ result, view, handlers }: ZoomedPictureProps) {
  const { record, thumbnail } = result;
  return (
    <img
      className="stage-picture"
      data-zoomed={view.zoom === 1 ? undefined : ''}
      src={usePicture(result)?.url ?? thumbnail}
      alt={record.request.prompt || texts.withoutPrompt}
      width={record.width}
      height={record.height}
      style={zoomStyle(record, view)}
      draggable={false}
      {...handlers}
    />
  );
}
