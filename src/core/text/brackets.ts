/** The number of no bracket: it multiplies by 1, and nothing stands around it. */
export const NO_BRACKET = 0;

/**
 * As deep as anyone nests. Beyond it each bracket is counted once for all in it, so that time grows with the text only.
 */
const MULTIPLIED_ONE_BY_ONE = 8;

/** Later than any bracket that the prompt closes: one that it leaves open; and, later still, no bracket. */
const AT_THE_END = 2 ** 31 - 2;
const NEVER = 2 ** 31 - 1;

/**
 * The brackets of a prompt, numbered from 1 as they open. Round and square ones may cross, so each kind nests by
 * itself. A text of a million characters may have as many, hence columns of numbers, of a size that is known at once:
 * in objects, or in arrays that grow, most of the time would go into memory.
 */
export class Brackets {
  /** The next bracket of its kind around each. */
  readonly #around: Int32Array;
  /** How many of its kind there are, from it outwards. */
  readonly #depth: Int32Array;
  /** By how much each multiplies what stands in it. */
  readonly #by: Float64Array;
  /** Its place in the order in which brackets close. */
  readonly #closed: Int32Array;
  #opened = 0;
  #closings = 0;

  /** @param most how many brackets there can be */
  constructor(most: number) {
    this.#around = new Int32Array(most + 1);
    this.#depth = new Int32Array(most + 1);
    this.#by = new Float64Array(most + 1);
    this.#closed = new Int32Array(most + 1);
    this.#by[NO_BRACKET] = 1;
    this.#closed[NO_BRACKET] = NEVER;
  }

  /** @returns the new bracket, the innermost of its kind from now on; left open, it multiplies by `by` */
  open(around: number, by: number): number {
    const bracket = ++this.#opened;
    this.#around[bracket] = around;
    this.#depth[bracket] = this.#depth[around] + 1;
    this.#by[bracket] = by;
    this.#closed[bracket] = AT_THE_END;
    return bracket;
  }

  /** @returns the bracket that is the innermost of its kind from now on */
  close(bracket: number, by: number): number {
    this.#by[bracket] = by;
    this.#closed[bracket] = this.#closings++;
    return this.#around[bracket];
  }

  /**
   * What a text weighs by the innermost round and the innermost square bracket around it, when the whole prompt is
   * read: as A1111 rounds it, which multiplies as brackets close, and in the end by the round ones left open, then by
   * the square ones.
   */
  weights(): (round: number, square: number) => number {
    const product = this.#products();
    return (round, square) => {
      if (this.#depth[round] + this.#depth[square] > MULTIPLIED_ONE_BY_ONE) return product[round] * product[square];
      let weight = 1;
      while (round !== NO_BRACKET || square !== NO_BRACKET)
        if (this.#closed[round] <= this.#closed[square]) {
          weight *= this.#by[round];
          round = this.#around[round];
        } else {
          weight *= this.#by[square];
          square = this.#around[square];
        }
      return weight;
    };
  }

  /** Each bracket's factor and those around it, multiplied from the outside in. */
  #products(): Float64Array {
    const product = this.#by.slice(0, this.#opened + 1);
    for (let bracket = 1; bracket < product.length; bracket++) product[bracket] *= product[this.#around[bracket]];
    return product;
  }
}
