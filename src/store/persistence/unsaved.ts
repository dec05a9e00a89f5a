import { create } from 'zustand';
import { texts } from '../../texts/store';
import { useStorage } from './database';

/** Something that the person made and that the disk has refused. */
interface Unsaved {
  /** As it stands in a list: "2 pictures", "the canvas". */
  what: string;
  /** A sentence: what refused it, and what helps. */
  why: string;
  /** Tries to save it again, and says how that went by `markSaved` or `markUnsaved`. */
  retry(): void;
  /** Nothing is wrong, it comes to the disk by itself: only the page is not left unasked. */
  quiet?: true;
}

export interface UnsavedState {
  /** By the id of what keeps them. */
  things: Readonly<Record<string, Unsaved>>;
  /** Whether the person has read the message about them. */
  dismissed: boolean;
}

/** What would be lost with the page. One message names it all, until it is saved. */
export const useUnsaved = create<UnsavedState>(() => ({ things: {}, dismissed: false }));

/**
 * Says that a thing is not saved, in place of what was said of it before. A dismissed message comes back for a new
 * thing or reason.
 */
export function markUnsaved(id: string, thing: Unsaved): void {
  useUnsaved.setState(({ things, dismissed }) => ({
    things: { ...things, [id]: thing },
    dismissed: dismissed && things[id]?.why === thing.why,
  }));
}

/** Says that a thing is saved. Where it was not, there may be room now for others too. */
export function markSaved(id: string): void {
  const { [id]: saved, ...things } = useUnsaved.getState().things;
  if (!saved) return;
  useUnsaved.setState({ things });
  retryUnsaved();
}

/** Tries to save everything again. */
export function retryUnsaved(): void {
  for (const { retry } of Object.values(useUnsaved.getState().things)) retry();
}

export function dismissUnsaved(): void {
  useUnsaved.setState({ dismissed: true });
}

/** What is not saved and why; undefined while nothing is to be said. */
export function unsavedMessage({ things, dismissed }: UnsavedState): string | undefined {
  const all = Object.values(things).filter(({ quiet }) => !quiet);
  if (dismissed || all.length === 0) return undefined;
  return [texts.notSaved(all.map(({ what }) => what)), ...new Set(all.map(({ why }) => why))].join(' ');
}

/** Nothing tells a page that there is room on the disk again. */
const RETRY_MS = 30_000;

/**
 * While something is not saved: tries again from time to time, when the page is shown again and when storage comes, and
 * asks before the page is left.
 * @returns what ends it
 */
export function watchUnsaved(
  page: Pick<Window, 'addEventListener' | 'removeEventListener' | 'document'> = window,
): () => void {
  let timer: ReturnType<typeof setInterval> | undefined;
  const shown = () => page.document.visibilityState === 'visible' && retryUnsaved();
  const ask = (event: Event) => event.preventDefault();
  const rest = () => {
    clearInterval(timer);
    timer = undefined;
    page.removeEventListener('beforeunload', ask);
    page.document.removeEventListener('visibilitychange', shown);
  };
  const stop = useUnsaved.subscribe(({ things }) => {
    if (Object.keys(things).length === 0) rest();
    else if (timer === undefined) {
      timer = setInterval(retryUnsaved, RETRY_MS);
      page.addEventListener('beforeunload', ask);
      page.document.addEventListener('visibilitychange', shown);
    }
  });
  const stopStorage = useStorage.subscribe(({ state }) => state === 'open' && retryUnsaved());
  return () => {
    stop();
    stopStorage();
    rest();
  };
}
