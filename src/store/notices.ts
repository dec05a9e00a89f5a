import { create } from 'zustand';
import { texts } from '../texts/store';

/** One thing to do about a message, as "Undo". */
export interface NoticeAction {
  label: string;
  run(): void;
  /** It takes back what the message tells of: Ctrl+Z does the same. */
  isUndo?: true;
}

/** The action of a message about something done, which it takes back. */
export const undoBy = (run: () => void): NoticeAction => ({ label: texts.undo, run, isUndo: true });

/** What a message has beside its text and its action. */
interface NoticeOptions {
  /** Another thing to do about it. */
  second?: NoticeAction;
  /** It stays until it is dismissed. */
  stays?: boolean;
  /** What it counts or reports on: a later message about the same takes its place. */
  about?: string;
  /** What is folded away under it, a line each; nothing where there are no lines. */
  details?: { summary: string; lines: readonly string[] };
}

/** A short message at the edge of the page. */
export interface Notice extends NoticeOptions {
  id: number;
  text: string;
  action?: NoticeAction;
}

export const useNotices = create<{ notices: readonly Notice[] }>(() => ({ notices: [] }));

let nextId = 1;

/** Shows a message. It goes away by itself unless it is to stay. */
export function notify(text: string, action?: NoticeAction, options: NoticeOptions = {}): void {
  const notice: Notice = { id: nextId++, text, action, ...options };
  useNotices.setState(({ notices }) => {
    // The same again takes the place of the one that stays; of the others three at a time: older ones are read or no
    // longer matter.
    const isSame = ({ stays, text: other, about }: Notice) =>
      (stays && other === text) || (about !== undefined && about === notice.about);
    const earlier = notices.filter((other) => !isSame(other));
    const passing = [...earlier, notice].filter(({ stays }) => !stays).slice(-3);
    return { notices: [...earlier, notice].filter((other) => other.stays || passing.includes(other)) };
  });
}

export function dismissNotice(id: number): void {
  useNotices.setState(({ notices }) => ({ notices: notices.filter((notice) => notice.id !== id) }));
}

/** Takes back what the latest message that offers so tells of. @returns whether there was one */
export function undoNoticed(): boolean {
  const notice = useNotices.getState().notices.findLast(({ action }) => action?.isUndo);
  if (!notice) return false;
  dismissNotice(notice.id);
  notice.action?.run();
  return true;
}
