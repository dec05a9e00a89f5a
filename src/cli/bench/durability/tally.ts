/** What came of trials of one kind. */
export interface Tally {
  what: string;
  trials: number;
  /** Strokes, pictures and settings that were there afterwards. */
  kept: number;
  /** Those that should have been and were not. */
  lost: number;
}
