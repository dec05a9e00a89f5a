/** How soon a second wish to cancel must come to be meant for everything. */
export const AGAIN_WITHIN_MS = 2000;

/** What there is to cancel. */
interface Cancellable {
  /** The running picture is to end already and has not yet. */
  cancelling: boolean;
  /** The wish before was so short a time ago that this one is meant for more. */
  again: boolean;
  /** Something comes after the running picture: the rest of its grid, or what waits. */
  left: boolean;
}

/**
 * What a wish to cancel does: it ends the running picture, and its grid goes on; a second one ends the grid and takes
 * the queue off; where nothing is left to take off and the picture does not end, one more ends the engine.
 */
export function cancelAction({ cancelling, again, left }: Cancellable): 'skip' | 'clear' | 'stop-engine' {
  if (!cancelling && !again) return 'skip';
  if (left) return 'clear';
  return cancelling ? 'stop-engine' : 'skip';
}
