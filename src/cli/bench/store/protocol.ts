/** What the bench asks of the worker under test. */
export type StoreOrder =
  /** `write`: the one of its writes that it stops within, from 1; 0 for none. */
  { kind: 'trial'; write: number } | { kind: 'measure'; address: string };

/** What the worker under test tells the bench. */
export type StoreNews =
  /** It has stopped within the chosen write. */
  | 'writing'
  /** A model has arrived whole. */
  | 'whole'
  | {
      kind: 'opened';
      /** The browser was killed within a write. */
      wasWriting: boolean;
      /** What is listed and is not what it should be. */
      damaged: string[];
      /** Downloads that were under way. */
      left: number;
      models: number;
    }
  | { kind: 'measured'; download: number; write: number; hash: number; fetched: number }
  | { kind: 'failed'; message: string };
