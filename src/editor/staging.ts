import type { Box, Picture } from '../core/image/picture';

/** A finished painting offered for a place on the canvas. */
export interface Candidate {
  /** The caller's name for it, such as its result's. */
  readonly id: string;
  readonly picture: Picture;
  readonly box: Box;
}

/** Paintings waiting to be accepted or rejected, and the one that is shown: InvokeAI's staging area. */
export interface Staging {
  readonly candidates: readonly Candidate[];
  /** The shown one's id; undefined while the canvas itself is shown. */
  readonly shown?: string;
}

export const NO_STAGING: Staging = { candidates: [] };

/** With another candidate, which is shown. One of the same id is replaced. */
export function withCandidate({ candidates }: Staging, candidate: Candidate): Staging {
  return { candidates: [...candidates.filter(({ id }) => id !== candidate.id), candidate], shown: candidate.id };
}

/** Without a candidate; its neighbour is shown in its stead. */
export function withoutCandidate({ candidates, shown }: Staging, id: string): Staging {
  const at = candidates.findIndex((candidate) => candidate.id === id);
  if (at < 0) return { candidates, shown };
  const left = candidates.filter((candidate) => candidate.id !== id);
  return { candidates: left, shown: shown === id ? left[Math.min(at, left.length - 1)]?.id : shown };
}

/** Candidates that are offered again, beside those that have come meanwhile. */
export function joined(again: Staging, { candidates }: Staging): Staging {
  const ids = again.candidates.map(({ id }) => id);
  return { ...again, candidates: [...again.candidates, ...candidates.filter(({ id }) => !ids.includes(id))] };
}

export const shownCandidate = ({ candidates, shown }: Staging): Candidate | undefined =>
  candidates.find(({ id }) => id === shown);
