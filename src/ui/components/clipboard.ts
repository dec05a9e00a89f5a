import { notify } from '../../store/notices';
import { texts } from '../../texts/components';

/** Copies a picture; a browser that forbids it is named with the way round it. */
export async function copyPicture(png: Blob): Promise<void> {
  try {
    await navigator.clipboard.write([new ClipboardItem({ 'image/png': png })]);
    notify(texts.pictureCopied);
  } catch {
    notify(texts.pictureNotCopied);
  }
}

/** Copies text and says so. */
export async function copyText(text: string, done: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    notify(done);
  } catch {
    notify(texts.notCopied);
  }
}
