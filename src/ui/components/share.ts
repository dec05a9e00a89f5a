import { notify } from '../../store/notices';
import { errorText } from '../../texts/errors';

const pictureFile = (png: BlobPart, name: string) => new File([png], name, { type: 'image/png' });

/** Whether this is a device of fingers, where pictures go to other programs by sharing, and its browser takes part. */
export const canSharePictures = (): boolean =>
  window.matchMedia('(pointer: coarse)').matches &&
  (navigator.canShare?.({ files: [pictureFile('', 'a.png')] }) ?? false);

/** Hands a picture to the program that the person chooses; whoever chooses none hears nothing more of it. */
export async function sharePicture(png: Blob, name: string): Promise<void> {
  try {
    await navigator.share({ files: [pictureFile(png, name)] });
  } catch (thrown) {
    if (!(thrown instanceof DOMException && thrown.name === 'AbortError')) notify(errorText(thrown));
  }
}
