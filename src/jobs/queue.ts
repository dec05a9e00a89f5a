import type { Grid } from './grid';
import type { Job } from './job';

/** The child that is being painted, and what is left of its grid after it. */
export interface Running {
  readonly grid: Grid;
  readonly child: Job;
  /** It is to end before it is done; whoever paints it sees to that. */
  readonly skipped: boolean;
}

export interface QueueState {
  /** What waits, the next first. */
  readonly waiting: readonly Grid[];
  readonly running: Running | undefined;
}

/** What was taken off the queue, for whoever wants it back. */
export interface Removed {
  /** Each with the place it had among those that wait. */
  readonly grids: readonly { readonly grid: Grid; readonly at: number }[];
}

/** What waits to be painted, in its order, and what is painted now. Time and storage are its owner's business. */
export class JobQueue {
  #state: QueueState = { waiting: [], running: undefined };
  readonly #listeners = new Set<(state: QueueState) => void>();

  get state(): QueueState {
    return this.#state;
  }

  /** @returns what ends it */
  subscribe(listener: (state: QueueState) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Puts a grid behind those that wait. */
  enqueue(grid: Grid): void {
    this.#change({ waiting: [...this.#state.waiting, grid] });
  }

  /** Takes the next child to paint it; undefined where nothing waits, or one is being painted. */
  take(): Running | undefined {
    const [next, ...waiting] = this.#state.waiting;
    if (!next || this.#state.running) return undefined;
    const [child, ...children] = next.children;
    const running = { grid: { ...next, children }, child, skipped: false };
    this.#change({ waiting, running });
    return running;
  }

  /** Ends the running child; its grid goes on after it. */
  skip(): void {
    const { running } = this.#state;
    if (running) this.#change({ running: { ...running, skipped: true } });
  }

  /** The running child is over, however it went; its grid goes on. @returns whether anything is left of that */
  finish(): boolean {
    const grid = this.#state.running?.grid;
    const goesOn = grid !== undefined && grid.children.length > 0;
    this.#change({ waiting: goesOn ? [grid, ...this.#state.waiting] : this.#state.waiting, running: undefined });
    return goesOn;
  }

  /** The running child is to be painted again, before its grid goes on. */
  retry(): void {
    const { running, waiting } = this.#state;
    if (!running) return;
    this.#change({ waiting: [wholeOf(running), ...waiting], running: undefined });
  }

  /** Moves a waiting grid. @param to its place among those that wait, from 0 */
  move(id: string, to: number): void {
    const grid = this.#state.waiting.find(({ parent }) => parent.id === id);
    if (!grid) return;
    const others = this.#state.waiting.filter((other) => other !== grid);
    this.#change({ waiting: others.toSpliced(Math.max(0, to), 0, grid) });
  }

  /** Takes one grid off and leaves the others; of the running one, its running child ends, too. */
  cancel(id: string): Removed {
    return this.#remove((grid) => grid.parent.id === id);
  }

  /** Takes everything off, and ends the running child. */
  clear(): Removed {
    return this.#remove(() => true);
  }

  #remove(isMeant: (grid: Grid) => boolean): Removed {
    const { waiting, running } = this.#state;
    const isRunningMeant = running !== undefined && isMeant(running.grid);
    const rest = isRunningMeant ? restOf(running) : undefined;
    const gone = waiting.map((grid, at) => ({ grid, at })).filter(({ grid }) => isMeant(grid));
    // Put back, what was left of the running grid comes before all that waited.
    const first = rest && rest.children.length > 0 ? [{ grid: rest, at: 0 }] : [];
    const grids = [...first, ...gone.map(({ grid, at }) => ({ grid, at: at + first.length }))];
    if (grids.length > 0)
      this.#change({
        waiting: waiting.filter((grid) => !isMeant(grid)),
        running: isRunningMeant
          ? { grid: { ...running.grid, children: [] }, child: running.child, skipped: true }
          : running,
      });
    return { grids };
  }

  /** The running child is over, and all that is left of its grid with it. @returns false, as `finish` does then */
  drop(): boolean {
    const { running } = this.#state;
    if (running) this.#change({ running: { ...running, grid: { ...running.grid, children: [] } } });
    return this.finish();
  }

  /** Puts back what was taken off, where it was; what is there again already stays as it is. */
  putBack({ grids }: Removed): void {
    const waiting = [...this.#state.waiting];
    for (const { grid, at } of grids) {
      const here = new Set([...waiting, ...(this.#state.running ? [this.#state.running.grid] : [])].flatMap(childIds));
      const children = grid.children.filter(({ id }) => !here.has(id));
      if (children.length > 0) waiting.splice(at, 0, { ...grid, children });
    }
    this.#change({ waiting });
  }

  /** Changes what waits. */
  changeWaiting(change: (grid: Grid) => Grid): void {
    this.#change({ waiting: this.#state.waiting.map(change) });
  }

  #change(change: Partial<QueueState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener(this.#state);
  }
}

const childIds = ({ children }: Grid) => children.map(({ id }) => id);

/** What is left of a running grid with the child that is being painted. */
function wholeOf({ grid, child }: Running): Grid {
  return { ...grid, children: [child, ...grid.children] };
}

/** The same, but for a child that was skipped: it is not wanted back. */
const restOf = (running: Running): Grid => (running.skipped ? running.grid : wholeOf(running));

/** Which picture of its grid the running child is, from 0. */
export function pictureIndex({ grid }: Running): number {
  return grid.of - grid.children.length - 1;
}

/** Whether anything comes after the running child. */
export function isMoreToCome({ waiting, running }: QueueState): boolean {
  return waiting.length > 0 || (running?.grid.children.length ?? 0) > 0;
}

/** All that is not painted yet, what is being painted first: what would be lost with the page. */
export function remainingOf({ waiting, running }: QueueState): readonly Grid[] {
  if (!running) return waiting;
  const rest = restOf(running);
  return rest.children.length > 0 ? [rest, ...waiting] : waiting;
}

/**
 * Keeps what remains of a queue, after every change: one write at a time, and of the changes meanwhile the last.
 * @param save the port; it says by itself what becomes of a write that fails
 * @returns what ends it
 */
export function persistQueue(queue: JobQueue, save: (grids: readonly Grid[]) => Promise<void>): () => void {
  let writing = false;
  let changed = false;
  const write = async () => {
    changed = true;
    if (writing) return;
    writing = true;
    while (changed) {
      changed = false;
      await save(remainingOf(queue.state));
    }
    writing = false;
  };
  return queue.subscribe(() => void write());
}
