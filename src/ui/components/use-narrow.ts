import { useSyncExternalStore } from 'react';

/** The width below which app.css stacks the page; change both together. */
const NARROW = '(max-width: 899px)';

/** Whether the page is stacked, as on a phone, and its settings open in a sheet. */
export function useNarrow(): boolean {
  return useSyncExternalStore(subscribe, () => window.matchMedia(NARROW).matches);
}

function subscribe(changed: () => void): () => void {
  const query = window.matchMedia(NARROW);
  query.addEventListener('change', changed);
  return () => query.removeEventListener('change', changed);
}
