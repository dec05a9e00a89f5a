import type { Said } from '../../core/errors';
import {
  type KnownMemory,
  type MemoryPlan,
  type NetworkBytes,
  type PictureSize,
  planFor,
  type RunsOn,
} from '../../core/memory-need';
import { planNote } from './memory';
import type { Turns } from './turns';

/** How a model's networks share memory, picture by picture. */
export class Arrangement {
  /** For pictures of the model's usual size. */
  readonly usual: MemoryPlan;
  #note: Said | undefined;

  /**
   * @param weights as they run on `on`
   * @param signal of the load
   */
  constructor(
    readonly turns: Turns,
    readonly weights: NetworkBytes,
    readonly on: RunsOn,
    readonly known: KnownMemory,
    usualSize: PictureSize,
    signal?: AbortSignal,
  ) {
    this.usual = planFor(weights, usualSize, on, known);
    turns.follow(this.usual, signal);
  }

  /** As `PaintingModel.arrangeFor`. */
  arrangeFor(size: PictureSize, signal?: AbortSignal): void {
    const { turns, usual } = this;
    const before = turns.plan;
    turns.follow(planFor(this.weights, size, this.on, this.known), signal);
    // What holds for every picture, the model itself says.
    if (turns.plan !== before && turns.plan !== usual) this.#note = planNote(turns.plan);
  }

  /** A sentence where a picture was slower for its size, since it was last asked. */
  takeNotes(): Said[] {
    const note = this.#note;
    this.#note = undefined;
    return note === undefined ? [] : [note];
  }
}
