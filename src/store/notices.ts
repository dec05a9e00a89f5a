import { create } from 'zustand';

/** A short message at the edge of the page, which goes away by itself. */
export interface Notice {
  id: number;
  text: string;
  /** One thing to do about it, as "Undo". */
  action?: { label: string; run(): void };
}

export const useNotices = create<{ notices: readonly Notice[] }>(() => ({ notices: [] }));

let nextId = 1;

/** Shows a message. */
export function notify(text: string, action?: Notice['action']): void {
  const notice: Notice = { id: nextId++, text, action };
  // Three at a time: older ones are read or no longer matter.
  useNotices.setState(({ notices }) => ({ notices: [...notices, notice].slice(-3) }));
}

export function dismissNotice(id: number): void {
  useNotices.setState(({ notices }) => ({ notices: notices.filter((notice) => notice.id !== id) }));
}
