import { encode } from 'fast-png';
import { toEaselError } from '../core/errors';
import { createEditor, type Editor } from '../editor/editor';
import type { CanvasDb } from './canvas-db';
import { diskError } from './database';
import { notify } from './notices';
import { openPictureFile } from './picture-file';

/** The canvas of this tab: one editor for as long as the page lives, apart from React and from the engine, so that neither's failures touch it. */
export const canvas: Editor = createEditor({ width: 512, height: 512, now: () => performance.now() });

/** Whether there is anything on it, or anything to take back: else the page offers ways to begin. */
export function isCanvasUsed(): boolean {
  const { document, undoLabel, redoLabel } = canvas.snapshot();
  const { picture, sketch, mask } = document;
  return (
    undoLabel !== undefined || redoLabel !== undefined || [picture, sketch, mask].some(({ tiles }) => tiles.size > 0)
  );
}

/** Puts a picture file on the canvas, in place of what is there; undo brings that back. @returns false where it cannot, which a message explains */
export async function openOnCanvas(file: Blob, name: string): Promise<boolean> {
  try {
    const { picture, transparent, animated } = await openPictureFile(file, name);
    canvas.openPicture(picture);
    if (animated) notify(`${name} is animated. Its first frame is on the canvas.`);
    if (transparent)
      notify('Its transparent part was laid on white.', {
        label: 'Make it the mask',
        run: () => canvas.openPicture(picture, 'mask'),
      });
    return true;
  } catch (thrown) {
    notify(toEaselError(thrown).message);
    return false;
  }
}

/** Hands the frame over as a PNG: picture and sketch, transparent where there is nothing. */
export function frameAsPng(): Blob {
  const { width, height, data } = canvas.exportPicture();
  const png = encode({ width, height, data: new Uint8Array(data.buffer), channels: 4, depth: 8 });
  return new Blob([png as Uint8Array<ArrayBuffer>], { type: 'image/png' });
}

/** Waits for a pause in the work before it writes: a stroke a second is not worth a write each. */
const SAVE_AFTER_MS = 800;

/**
 * Takes up the canvas of the last visit and keeps every change from now on.
 * @returns what ends it
 */
export async function keepCanvas(db: CanvasDb, delay = SAVE_AFTER_MS): Promise<() => void> {
  try {
    const saved = await db.restore();
    if (saved !== undefined && !isCanvasUsed()) canvas.restore(saved);
  } catch (thrown) {
    notify(`The canvas of the last visit could not be read: ${toEaselError(thrown).message}`);
  }
  let kept = canvas.snapshot().document;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let writing: Promise<void> = Promise.resolve();
  let told = false;
  const write = async (): Promise<void> => {
    const { document } = canvas.snapshot();
    try {
      await db.save(canvas.save());
      kept = document;
    } catch (thrown) {
      if (!told) notify(`The canvas will not survive a reload: ${toEaselError(diskError(thrown)).message}`);
      told = true;
    }
  };
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    writing = writing.then(write);
  };
  const changed = (): void => {
    if (canvas.snapshot().document === kept) return;
    clearTimeout(timer);
    timer = setTimeout(flush, delay);
  };
  const hidden = (): void => {
    if (timer !== undefined) flush();
  };
  const stop = canvas.subscribe(changed);
  // The last moment at which a page that is closed on a phone still runs.
  globalThis.document?.addEventListener('visibilitychange', hidden);
  return () => {
    stop();
    clearTimeout(timer);
    globalThis.document?.removeEventListener('visibilitychange', hidden);
  };
}
