import type { Picture } from '../../core/image/picture';
import { errorText } from '../../texts/errors';
import { texts } from '../../texts/store';
import { readPictureFile } from '../canvas/picture-file';
import { openPicture } from '../gallery/gallery';
import type { ResultRecord } from '../gallery/result-record';
import { notify } from '../notices';

/** Reads a result's pixels for what is made of them; where they cannot be read or used, that is told. */
export async function withPixelsOf(record: ResultRecord, use: (picture: Picture) => void): Promise<void> {
  const file = await openPicture(record);
  if (!file) return;
  try {
    use(await readPictureFile(file.png, texts.picture(record.number)));
  } catch (thrown) {
    notify(errorText(thrown));
  }
}
