import { encode } from 'fast-png';
import { toEaselError } from '../../core/errors';
import type { CanvasDocument } from '../../editor/document/document';
import { createEditor, type Editor } from '../../editor/editor';
import { errorText } from '../../texts/errors';
import { texts } from '../../texts/store';
import { notify } from '../notices';
import { diskError, useStorage } from '../persistence/database';
import { markSaved, markUnsaved } from '../persistence/unsaved';
import type { CanvasDb } from './canvas-db';
import { readCanvasFile } from './picture-file';

/**
 * The canvas of this tab: one editor for as long as the page lives, apart from React and from the engine, so that
 * neither's failures touch it.
 */
export const canvas: Editor = createEditor({ width: 512, height: 512, now: () => performance.now() });

/** Whether there is anything on it, or anything to take back: else the page offers ways to begin. */
export function isCanvasUsed(): boolean {
  const { document, undoLabel, redoLabel } = canvas.snapshot();
  const { picture, sketch, mask } = document;
  return (
    undoLabel !== undefined || redoLabel !== undefined || [picture, sketch, mask].some(({ tiles }) => tiles.size > 0)
  );
}

/**
 * Puts a picture file on the canvas, in place of what is there; undo brings that back.
 * @returns false where it cannot, which a message explains
 */
export async function openOnCanvas(file: Blob, name: string): Promise<boolean> {
  try {
    const { document, masked, animated } = await readCanvasFile(file, name);
    canvas.openPicture(document);
    if (animated) notify(texts.isAnimated(name));
    if (masked)
      notify(texts.laidOnWhite, {
        label: texts.makeItTheMask,
        run: () => canvas.openPicture(masked),
      });
    return true;
  } catch (thrown) {
    notify(errorText(thrown));
    return false;
  }
}

/** Hands the frame over as a PNG: picture and sketch, transparent where there is nothing. */
export function frameAsPng(): Blob {
  const { width, height, data } = canvas.exportPicture();
  const png = encode({ width, height, data: new Uint8Array(data.buffer), channels: 4, depth: 8 });
  return new Blob([png as Uint8Array<ArrayBuffer>], { type: 'image/png' });
}

/**
 * What is painted is written in a pause of the work, or after the longest time however fast it goes on: three seconds
 * are the most that a crash may cost.
 */
const SAVE_AFTER_MS = { pause: 800, longest: 2000 };

const isStroking = (): boolean => canvas.snapshot().gesture === 'stroking';

/** Writes the canvas to the disk: soon, at once, or when the page goes. */
function createCanvasWriter(db: CanvasDb, { pause, longest }: typeof SAVE_AFTER_MS) {
  /** The document that is written or on its way; undefined where that is not known. */
  let kept: CanvasDocument | undefined = canvas.snapshot().document;
  let writes = 0;
  let pausing: ReturnType<typeof setTimeout> | undefined;
  let latest: ReturnType<typeof setTimeout> | undefined;
  const isDirty = (): boolean => canvas.snapshot().document !== kept || isStroking();
  const unschedule = (): void => {
    for (const timer of [pausing, latest]) clearTimeout(timer);
    latest = undefined;
  };
  const write = async (isLeaving = false): Promise<void> => {
    unschedule();
    writes++;
    try {
      let saved = canvas.save();
      const ahead = isLeaving ? undefined : db.writeAhead(saved);
      if (ahead) {
        await ahead;
        unschedule();
        saved = canvas.save(); // what was painted meanwhile is in it
      }
      // A stroke that is being drawn is written as far as it is, and may yet be taken back.
      kept = isStroking() ? undefined : canvas.snapshot().document;
      await db.save(saved);
    } catch (thrown) {
      kept = undefined;
      markUnsaved('canvas', { what: texts.theCanvas, why: errorText(diskError(thrown)), retry: flush });
      return;
    } finally {
      writes--;
    }
    markSaved('canvas');
    changed();
  };
  const flush = (): void => {
    unschedule();
    // Where the disk is slow, writes do not pile up: the one that is on its way looks again at its end.
    if (writes === 0 && isDirty()) void write();
  };
  const changed = (): void => {
    if (!isDirty()) return;
    if (kept && pictureChanged(kept, canvas.snapshot().document)) {
      flush();
      return;
    }
    latest ??= setTimeout(flush, longest);
    clearTimeout(pausing);
    if (!isStroking()) pausing = setTimeout(flush, pause);
  };
  /** There is no later: also beside a write that is on its way. */
  const leaving = (): void => {
    if (isDirty()) void write(true);
  };
  /** What stands on the canvas is what lies on the disk. */
  const isKept = (): void => {
    kept = canvas.snapshot().document;
  };
  return { changed, leaving, unschedule, isKept };
}

/**
 * Takes up the canvas of the last visit and keeps every change from now on: strokes soon, a picture that comes or goes
 * at once, and what is left when the page goes. What the disk refuses is tried again (see unsaved.ts).
 * @param page what tells that the page goes
 * @returns what ends it
 */
export async function persistCanvas(
  db: CanvasDb,
  page: EventTarget = window,
  after = SAVE_AFTER_MS,
): Promise<() => void> {
  const { changed, leaving, unschedule, isKept } = createCanvasWriter(db, after);
  for (const event of LEAVING) page.addEventListener(event, leaving);
  // A newer Easel waits for this page to let go of the database.
  const stopStorage = useStorage.subscribe(({ state }) => state === 'outdated' && leaving());
  let stopCanvas = canvas.subscribe(changed);
  const saved = await readSaved(db);
  if (saved !== undefined) {
    stopCanvas();
    if (takeUp(saved)) isKept();
    else db.leave();
    stopCanvas = canvas.subscribe(changed);
    changed();
  }
  return () => {
    stopCanvas();
    stopStorage();
    unschedule();
    for (const event of LEAVING) page.removeEventListener(event, leaving);
  };
}

/**
 * A page that is closed on a phone may hear only that it is hidden. On the way to another site the browser waits for
 * what answers the first, and may end a page that is busy before it has heard the others.
 */
const LEAVING = ['beforeunload', 'visibilitychange', 'pagehide'];

async function readSaved(db: CanvasDb): Promise<unknown> {
  try {
    return await db.restore();
  } catch (thrown) {
    tellUnread(thrown);
    return undefined;
  }
}

/**
 * Puts the canvas of the last visit on, unless the person has begun another meanwhile.
 * @returns whether it stands there now
 */
function takeUp(saved: unknown): boolean {
  if (isCanvasUsed()) return false;
  try {
    canvas.restore(saved);
    return true;
  } catch (thrown) {
    tellUnread(thrown);
    return false;
  }
}

function tellUnread(thrown: unknown): void {
  if (toEaselError(thrown).code === 'no-storage') return; // the page says so itself
  notify(texts.canvasUnread(errorText(thrown)));
}

/** Whether more was done than a hand does that paints on: another picture, or a layer cleared. */
function pictureChanged(before: CanvasDocument, after: CanvasDocument): boolean {
  const isCleared = (layer: 'sketch' | 'mask') => before[layer].tiles.size > 0 && after[layer].tiles.size === 0;
  return before.picture !== after.picture || isCleared('sketch') || isCleared('mask');
}
