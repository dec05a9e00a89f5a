import { said } from '../../../core/errors';
import { BadPickle, Inert, Name, type PickleValue } from './values';

/** A checkpoint has some thousands; a few bytes of a pickle can ask for a long list to be gone through once more. */
const MAX_ARGUMENTS = 2_000_000;

/** What a pickle works on: a stack with marks, and a memo of values to come back to. */
export class Stack {
  readonly #values: PickleValue[] = [];
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, PickleValue>();
  /** Arguments that names were applied to so far, those in a list counted one by one. */
  #gone = 0;

  /**
   * @param find what a name of Python's means here @param load what a persistent id stands for; both throw for what
   *   they do not know
   */
  constructor(
    readonly find: (name: string) => Name,
    readonly load: (id: PickleValue) => PickleValue,
  ) {}

  push(value: PickleValue): void {
    this.#values.push(value);
  }

  pop(): PickleValue {
    const value = this.#values.length > this.#floor() ? this.#values.pop() : undefined;
    if (value === undefined) throw new BadPickle(said`takes a value that is not there`);
    return value;
  }

  top(): PickleValue {
    const value = this.#values[this.#values.length - 1];
    if (value === undefined) throw new BadPickle(said`looks at a value that is not there`);
    return value;
  }

  mark(): void {
    this.#marks.push(this.#values.length);
  }

  /** All values above the last mark, which goes. */
  popMarked(): PickleValue[] {
    const mark = this.#marks.pop();
    if (mark === undefined) throw new BadPickle(said`goes back to a mark that is not there`);
    return this.#values.splice(mark);
  }

  /** The last so many values as one. */
  pack(count: number): void {
    const packed: PickleValue[] = [];
    for (let i = 0; i < count; i++) packed.unshift(this.pop());
    this.push(packed);
  }

  /** Keeps the top under a number; as `MEMOIZE` numbers them, where none is given. */
  keep(at = this.#memo.size): void {
    this.#memo.set(at, this.top());
  }

  recall(at: number): void {
    const value = this.#memo.get(at);
    if (value === undefined) throw new BadPickle(said`recalls value ${at}, which it never kept`);
    this.push(value);
  }

  /** Adds to the list, set or dict on top; into an object that carries no weights nothing goes. */
  extend(items: readonly PickleValue[]): void {
    const target = this.top();
    if (Array.isArray(target)) for (const item of items) target.push(item);
    else if (!(target instanceof Inert)) throw new BadPickle(said`adds items to what is not a list`);
  }

  assign(pairs: readonly PickleValue[]): void {
    const target = this.top();
    if (pairs.length % 2 !== 0) throw new BadPickle(said`sets a key without a value`);
    if (target instanceof Map) for (let i = 0; i < pairs.length; i += 2) target.set(pairs[i], pairs[i + 1]);
    else if (!(target instanceof Inert)) throw new BadPickle(said`sets keys of what is not a dict`);
  }

  /** What a name gives for the arguments on top of it, `REDUCE` and `NEWOBJ`. */
  apply(): void {
    const args = this.pop();
    const name = this.pop();
    if (!(name instanceof Name)) throw new BadPickle(said`applies what is not a name`);
    if (!Array.isArray(args)) throw new BadPickle(said`applies ${name.name} to what is not a tuple`);
    this.#gone += Array.isArray(args[0]) ? args[0].length : 1;
    if (this.#gone > MAX_ARGUMENTS) throw new BadPickle(said`makes more of its values than any model holds`);
    this.push(name.apply(args));
  }

  /**
   * Gives the object below its state. Of all objects that are read only ParameterDict has any that counts: its
   * parameters.
   */
  build(): void {
    const state = this.pop();
    const target = this.top();
    const parameters = state instanceof Map ? state.get('_parameters') : undefined;
    if (target instanceof Map && parameters instanceof Map)
      for (const [key, value] of parameters) target.set(key, value);
  }

  #floor(): number {
    return this.#marks[this.#marks.length - 1] ?? 0;
  }
}
