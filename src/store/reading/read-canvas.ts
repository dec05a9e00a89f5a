import { isOpaque } from '../../core/image/picture';
import { type CanvasDocument, documentOf } from '../../editor/document/document';
import { decodePicture } from './decode-picture';

/** A picture file as a canvas, with what the person should know about it. */
export interface ReadCanvas {
  /** What is transparent of the picture lies on white. */
  document: CanvasDocument;
  /** The same with its transparency as the mask; undefined where all of it is opaque. */
  masked?: CanvasDocument;
  /** The file holds more frames; this is the first. */
  animated: boolean;
}

/** A picture file decoded and cut into the tiles of a canvas. @throws as `decodePicture` */
export async function readCanvas(file: Blob, name: string): Promise<ReadCanvas> {
  const picture = await decodePicture(file, name);
  return {
    document: documentOf(picture),
    masked: isOpaque(picture) ? undefined : documentOf(picture, 'mask'),
    animated: await isAnimated(file),
  };
}

/** Whether a file holds several frames, where the browser can tell. */
async function isAnimated(file: Blob): Promise<boolean> {
  if (typeof ImageDecoder === 'undefined' || !(await ImageDecoder.isTypeSupported(file.type))) return false;
  const decoder = new ImageDecoder({ data: await file.arrayBuffer(), type: file.type });
  try {
    await decoder.tracks.ready;
    if (!decoder.tracks.selectedTrack?.animated) return false;
    // The browser says so of any GIF: one that stands still has no second frame.
    const { image } = await decoder.decode({ frameIndex: 1 });
    image.close();
    return true;
  } catch {
    return false;
  } finally {
    decoder.close();
  }
}
