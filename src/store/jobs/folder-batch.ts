import type { Picture } from '../../core/image/picture';
import { batchGrid, resolveGrid } from '../../jobs/grid';
import { type Job, recipeFor } from '../../jobs/job';
import { outputNames } from '../../jobs/output-names';
import { remainingOf } from '../../jobs/queue';
import { resolveSeeds } from '../../jobs/seeds';
import { errorText } from '../../texts/errors';
import { texts } from '../../texts/folder';
import { inFrame } from '../canvas/canvas-frame';
import { useEngine } from '../engine';
import { inStyles } from '../lists/styles';
import { useWildcards } from '../lists/wildcards';
import { notify } from '../notices';
import { currentRequest, firstProblem, useSettings } from '../settings/settings';
import { drawSeed } from './draw-seed';
import { earlierFolders, keepFolder } from './earlier-folders';
import { failFolder, nameFolderJob, useFolder } from './folder-state';
import { keepInputs } from './inputs';
import { queue } from './jobs';
import {
  type FolderPicture,
  folderOut,
  type PicturesIn,
  type PicturesOut,
  picturesIn,
  whyNotRead,
} from './picture-folder';

/** Reads which pictures a folder holds; what cannot be used is told. */
export async function takeFolder(handle: FileSystemDirectoryHandle): Promise<void> {
  try {
    takePictures(await picturesIn(handle));
    await keepFolder('from', handle);
  } catch (thrown) {
    notify(whyNotRead(thrown, handle.name));
  }
}

/** Takes up the folders of earlier visits where none is chosen yet; one that is to be asked for waits for a click. */
export async function recallFolders(): Promise<void> {
  if (useFolder.getState().from) return;
  const { from, to } = await earlierFolders();
  const now = useFolder.getState();
  if (now.from) return;
  if (to && !now.to) useFolder.setState({ to: folderOut(to) });
  if (!from) return;
  const isOpen = (await from.queryPermission?.({ mode: 'read' }).catch(() => 'prompt')) !== 'prompt';
  if (isOpen) await takeFolder(from);
  else useFolder.setState({ earlier: from });
}

/** Asks, on a click, for the folder of an earlier visit, and reads which pictures it holds. */
export async function takeEarlier(): Promise<void> {
  const { earlier } = useFolder.getState();
  if (!earlier) return;
  if ((await earlier.requestPermission?.({ mode: 'read' })) === 'denied') notify(texts.notReadable(earlier.name));
  else await takeFolder(earlier);
}

/** Takes what is to be painted from. */
export function takePictures(from: PicturesIn): void {
  const { to } = useFolder.getState();
  if (from.pictures.length === 0) notify(texts.noPictures(from.name));
  // What came as a ZIP is no folder that holds some of them already.
  else useFolder.setState({ ...useFolder.getInitialState(), to: to?.handle && to, from });
}

/** Takes where to write. */
export async function takeOutput(handle: FileSystemDirectoryHandle): Promise<void> {
  const { from } = useFolder.getState();
  if (await from?.isSame?.(handle)) notify(texts.sameFolder);
  else {
    useFolder.setState({ to: folderOut(handle), stopped: undefined });
    await keepFolder('to', handle);
  }
}

/** What stops it: something of the form, or that both folders are one. */
export const folderProblem = () => firstProblem(useSettings.getState(), 'picture')?.reason;

/**
 * Paints from each picture that has no counterpart yet where they are written, one after another behind whatever else
 * waits. Called again, it goes on.
 */
export async function paintFolder(fallback: PicturesOut): Promise<void> {
  const { from, to = fallback, isRunning } = useFolder.getState();
  if (!from || isRunning || folderProblem() !== undefined) return;
  if (to.handle && (await from.isSame?.(to.handle))) {
    useFolder.setState({ stopped: texts.sameFolder });
    return;
  }
  if (to.renew && !(await to.renew())) {
    useFolder.setState({ stopped: texts.notAllowed(to.name) });
    return;
  }
  const fresh = { painted: 0, there: 0, failed: 0, said: [], stopped: undefined };
  useFolder.setState({ ...fresh, to, isRunning: true, since: performance.now() });
  try {
    await paintEach(from, to);
  } catch (thrown) {
    useFolder.setState({ stopped: texts.unread(to.name, errorText(thrown)) });
  } finally {
    await to.end?.();
    useFolder.setState({ isRunning: false, now: undefined });
  }
  tellEnd(to);
}

/** Ends the picture of the moment, and begins no other. */
export function stopFolder(): void {
  useFolder.setState({ stopped: texts.stopped });
  const { running, waiting } = queue.state;
  const grids = [...(running ? [running.grid] : []), ...waiting];
  for (const { parent } of grids) if (parent.sink === 'folder') queue.cancel(parent.id);
}

async function paintEach(from: PicturesIn, to: PicturesOut): Promise<void> {
  const names = outputNames(from.pictures.map(({ name }) => name));
  const there = await to.names();
  const isThere = ({ name }: FolderPicture) => there.has(names.get(name) ?? name);
  const left = from.pictures.filter((picture) => !isThere(picture));
  useFolder.setState({ there: from.pictures.length - left.length });
  for (const picture of left) {
    if (useFolder.getState().stopped !== undefined) return;
    await paintFrom(picture, names.get(picture.name) ?? picture.name);
  }
}

async function paintFrom({ name, read }: FolderPicture, as: string): Promise<void> {
  useFolder.setState({ now: name });
  try {
    const job = await jobFrom(await read());
    nameFolderJob(job.id, name, as);
    const { painted, failed } = useFolder.getState();
    const over = untilGone(job.id);
    queue.enqueue(resolveGrid(batchGrid(job), useWildcards.getState().wildcards));
    await over;
    const after = useFolder.getState();
    const isCancelled = after.painted === painted && after.failed === failed;
    if (isCancelled && after.stopped === undefined) useFolder.setState({ stopped: texts.stopped });
  } catch (thrown) {
    failFolder(thrown);
  }
}

/** One picture of what the form says, from a picture: of its ratio where the size follows what is painted from. */
async function jobFrom(picture: Picture): Promise<Job> {
  const asked = { ...inStyles(currentRequest(useSettings.getState(), 'picture')), batchCount: 1 };
  const request = resolveSeeds(inFrame(asked, picture), drawSeed);
  const inputs = await keepInputs({ picture });
  const model = useEngine.getState().model?.id;
  return { id: crypto.randomUUID(), model, request, recipe: recipeFor(inputs, request), inputs, sink: 'folder' };
}

/** Comes when nothing of a job waits or is painted any more. */
function untilGone(id: string): Promise<void> {
  let seen = false;
  return new Promise((resolve) => {
    const stop = queue.subscribe((state) => {
      const isThere = state.running?.grid.parent.id === id || remainingOf(state).some(({ parent }) => parent.id === id);
      if (seen && !isThere) {
        stop();
        resolve();
      }
      seen ||= isThere;
    });
  });
}

function tellEnd({ name }: PicturesOut): void {
  const { painted, failed, stopped } = useFolder.getState();
  const parts = [texts.finished(painted, name), failed > 0 ? texts.notAll(failed) : undefined, stopped];
  notify(parts.filter((part) => part !== undefined).join(' '));
}
