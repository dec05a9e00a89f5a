import { type Said, spoken } from '../../../core/errors';
import type { Dtype } from '../dtypes';

/** A pickle that no torch writes. @param said what it does, after its name: `names something by what is not text` */
export class BadPickle extends RangeError {
  constructor(readonly said: Said) {
    super(spoken(said));
  }
}

/** What a pickle builds: plain data, and what torch's files put into it. Lists, tuples and sets are all arrays. */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleValue[]
  | Map<PickleValue, PickleValue>
  | Name
  | Inert
  | Storage
  | Tensor;

/** A Python name that was looked up, and what applying it to arguments gives here. Nothing of Python's is called. */
export class Name {
  constructor(
    readonly name: string,
    readonly apply: Meaning,
  ) {}
}

/** @throws RangeError for arguments that such a name cannot have */
export type Meaning = (args: readonly PickleValue[]) => PickleValue;

/** What stands for an object that carries no weights: of it nothing is kept but its name. */
export class Inert {
  constructor(readonly name: string) {}
}

/** A run of numbers beside the pickle, which tensors are views of. */
export class Storage {
  /**
   * @param dtype undefined for bytes whose type each tensor states itself
   * @param key by which the file names it
   * @param count of elements, or of bytes
   * @param offset of its first element in that of the same key, for what the oldest files call a view
   */
  constructor(
    readonly dtype: Dtype | undefined,
    readonly key: string,
    readonly count: number,
    readonly offset: number,
  ) {}
}

/** A view of a storage: element [i, j, ...] stands at offset + i strides[0] + j strides[1] + ... */
export class Tensor {
  constructor(
    readonly storage: Storage,
    readonly dtype: Dtype,
    readonly offset: number,
    readonly shape: readonly number[],
    readonly strides: readonly number[],
  ) {}
}
