import { create } from 'zustand';
import type { PaintedPicture } from '../../engine/protocol';
import type { Job } from '../../jobs/job';
import { errorText } from '../../texts/errors';
import { texts } from '../../texts/folder';
import { type PicturesIn, type PicturesOut, whyNotWritten } from './picture-folder';

interface FolderState {
  from: PicturesIn | undefined;
  to: PicturesOut | undefined;
  /** Where pictures were read from on an earlier visit, where the browser asks the person for it again. */
  earlier: FileSystemDirectoryHandle | undefined;
  isRunning: boolean;
  /** Since when, by `performance.now()`, and how many pictures were painted since. */
  since: number;
  painted: number;
  /** How many were there before. */
  there: number;
  /** What is painted from now. */
  now: string | undefined;
  /** What was said of single pictures, in sentences that name them. */
  said: readonly string[];
  /** How many of these could not be painted. */
  failed: number;
  /** Why nothing goes on, or that it was stopped. */
  stopped: string | undefined;
}

/** Img2img over a folder. */
export const useFolder = create<FolderState>(() => ({
  from: undefined,
  to: undefined,
  earlier: undefined,
  isRunning: false,
  since: 0,
  painted: 0,
  there: 0,
  now: undefined,
  said: [],
  failed: 0,
  stopped: undefined,
}));

/** What the pictures of jobs are called where they are written. */
const names = new Map<string, { from: string; to: string }>();

/** A job's picture will be written under a name. @param from of what it is painted from */
export function nameFolderJob(id: string, from: string, to: string): void {
  names.set(id, { from, to });
}

const nameOf = ({ id, parent = id }: Pick<Job, 'id' | 'parent'>) =>
  names.get(parent) ?? { from: '', to: `${parent}.png` };

/** Writes a picture where it belongs. @returns false where it could not be, which is told and ends the rest */
export async function writeToFolder({ png }: PaintedPicture, job: Job): Promise<boolean> {
  const { to } = useFolder.getState();
  const name = nameOf(job).to;
  try {
    if (!to) return false;
    await to.write(name, png);
    useFolder.setState(({ painted }) => ({ painted: painted + 1 }));
    return true;
  } catch (thrown) {
    useFolder.setState({ stopped: `${whyNotWritten(thrown, name, to?.name ?? '')} ${texts.inResults}` });
    return false;
  }
}

/** Something was done otherwise than asked. */
export function noteFolder(note: string): void {
  const { now = '' } = useFolder.getState();
  say(texts.noted(now, note));
}

/** A picture could not be painted; the others go on. */
export function failFolder(thrown: unknown): void {
  const { now = '' } = useFolder.getState();
  const message = errorText(thrown);
  say(message.startsWith(now) ? message : texts.failed(now, message));
  useFolder.setState(({ failed }) => ({ failed: failed + 1 }));
}

function say(sentence: string): void {
  useFolder.setState(({ said }) => (said.includes(sentence) ? {} : { said: [...said, sentence] }));
}
