import type { Cores } from './own-browser';

/** What came of trials of one kind. */
export interface Tally {
  trials: number;
  /** Trials that came to their end. */
  done: number;
  /** Strokes, pictures and settings that were there afterwards. */
  kept: number;
  /** Those that should have been and were not. */
  lost: number;
  /** Strokes of the last 3 s before a kill, which may be missing and were. */
  allowed: number;
}

/** What came of one trial, and which it was. */
type Outcome = Pick<Tally, 'kept' | 'lost'> & Partial<Pick<Tally, 'allowed'>> & { about: string };

export type Tell = (outcome: Outcome) => void;

/** Trials of one kind that share a browser, one after the other. */
export interface Piece {
  /** Of which kind they are. */
  what: string;
  trials: number;
  /**
   * @param cores where its browser runs
   * @param tell is called after each trial
   */
  run(address: string, cores: Cores, tell: Tell): Promise<void>;
}

/**
 * Does all pieces in their order, side by side. One that breaks off is told and holds up no other.
 * @param crew where each of the browsers that are open at a time runs
 * @returns the tallies by kind
 */
export async function runPieces(pieces: readonly Piece[], address: string, crew: readonly Cores[]) {
  const tallies = Object.fromEntries(pieces.map(({ what }) => [what, emptyTally(what, pieces)]));
  const waiting = [...pieces];
  const work = async (cores: Cores) => {
    for (let piece = waiting.shift(); piece; piece = waiting.shift()) {
      const { what, run } = piece;
      await run(address, cores, (outcome) => tell(tallies, what, outcome)).catch((thrown: unknown) =>
        console.log(`${what}, broken off: ${thrown instanceof Error ? thrown.message : thrown}`),
      );
    }
  };
  await Promise.all(crew.map(work));
  return tallies;
}

/** The last line of a run. */
export function verdictOf(tallies: readonly Tally[]): string {
  const [trials, done, lost] = (['trials', 'done', 'lost'] as const).map((what) => sumOf(tallies, what));
  return done === trials ? `lost ${lost}` : `lost ${lost}, ${trials - done} of ${trials} trials not done`;
}

function emptyTally(what: string, pieces: readonly Piece[]): Tally {
  const trials = pieces.reduce((sum, piece) => sum + (piece.what === what ? piece.trials : 0), 0);
  return { trials, done: 0, kept: 0, lost: 0, allowed: 0 };
}

/** Adds an outcome and prints it with all so far: a run that is ended early has told what it did. */
function tell(tallies: Record<string, Tally>, what: string, { about, kept, lost, allowed = 0 }: Outcome): void {
  const tally = tallies[what];
  tally.done++;
  tally.kept += kept;
  tally.lost += lost;
  tally.allowed += allowed;
  const young = allowed > 0 ? `, ${allowed} of the last 3 s missing` : '';
  const all = Object.values(tallies);
  const soFar = `${sumOf(all, 'done')} of ${sumOf(all, 'trials')} trials, lost ${sumOf(all, 'lost')}`;
  console.log(`${what} ${tally.done}/${tally.trials}, ${about}: ${kept} kept, ${lost} lost${young} (${soFar})`);
}

const sumOf = (tallies: readonly Tally[], what: keyof Tally) => tallies.reduce((sum, tally) => sum + tally[what], 0);
