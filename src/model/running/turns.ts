import type { MemoryPlan } from '../../core/memory-need';

/** Networks that live and die together, and so have one turn. */
interface Takers {
  /** Stops what runs; it starts again when it is used. */
  release(): Promise<void>;
}

/**
 * Who has the device's memory. Where networks do not fit together, whoever is used next has it alone: the one before is
 * released first. Where they do, everybody stays.
 */
export class Turns {
  #plan: MemoryPlan = 'together';
  #signal: AbortSignal | undefined;
  /** Who has been used since the memory was last theirs alone. */
  readonly #present = new Set<Takers>();

  get plan(): MemoryPlan {
    return this.#plan;
  }

  /** Ends a network's start before its next tensor. */
  get signal(): AbortSignal | undefined {
    return this.#signal;
  }

  /** How memory is shared from the next use on. @param signal of the run that is about to begin */
  follow(plan: MemoryPlan, signal?: AbortSignal): void {
    this.#plan = plan;
    this.#signal = signal;
  }

  /** Makes room for networks that are about to run. */
  async take(next: Takers): Promise<void> {
    if (this.#plan !== 'together') {
      for (const other of this.#present) {
        if (other === next) continue;
        this.#present.delete(other);
        await other.release();
      }
    }
    this.#present.add(next);
  }
}
