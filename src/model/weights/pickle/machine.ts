import { said } from '../../../core/errors';
import { type ArgumentKind, type Arguments, OPCODES } from './opcodes';
import { Stack } from './stack';
import { BadPickle, type Name, type PickleValue } from './values';

const STOP = 0x2e;
/** torch's magic number has 10 bytes; a number of thousands of digits is none that a model needs. */
const MAX_LONG_BYTES = 64;

/** The bytes end before the pickle does: there may be more of them in the file. */
export class CutShort extends Error {}

/** Bytes that are read from the front. */
class Cursor {
  readonly #view: DataView;

  constructor(
    readonly bytes: Uint8Array,
    public at: number,
  ) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  take(length: number): Uint8Array {
    const end = this.at + length;
    if (end > this.bytes.length) throw new CutShort();
    const taken = this.bytes.subarray(this.at, end);
    this.at = end;
    return taken;
  }

  number(bytes: 1 | 2 | 4 | 8): number {
    const start = this.at;
    this.take(bytes);
    if (bytes === 1) return this.#view.getUint8(start);
    if (bytes === 2) return this.#view.getUint16(start, true);
    if (bytes === 4) return this.#view.getUint32(start, true);
    return Number(this.#view.getBigUint64(start, true));
  }

  float(): number {
    const start = this.at;
    this.take(8);
    return this.#view.getFloat64(start);
  }

  line(): string {
    const end = this.bytes.indexOf(0x0a, this.at);
    if (end < 0) throw new CutShort();
    const line = utf8(this.take(end - this.at));
    this.at++;
    return line;
  }
}

const decoder = new TextDecoder();
const latin1 = new TextDecoder('latin1');
const utf8 = (bytes: Uint8Array) => decoder.decode(bytes);

/** A two's complement number, little-endian, of any length. */
function whole(bytes: Uint8Array): number | bigint {
  if (bytes.length > MAX_LONG_BYTES) throw new BadPickle(said`holds a number of ${bytes.length} bytes`);
  let value = 0n;
  for (const [i, byte] of bytes.entries()) value |= BigInt(byte) << BigInt(8 * i);
  value = BigInt.asIntN(8 * bytes.length, value);
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

/** How each kind of argument is read. */
const READERS: { readonly [K in ArgumentKind]: (from: Cursor) => Arguments[K] } = {
  none: () => undefined,
  uint1: (from) => from.number(1),
  uint2: (from) => from.number(2),
  uint4: (from) => from.number(4),
  int4: (from) => from.number(4) | 0,
  uint8: (from) => from.number(8),
  float8: (from) => from.float(),
  long1: (from) => whole(from.take(from.number(1))),
  long4: (from) => whole(from.take(from.number(4))),
  text1: (from) => utf8(from.take(from.number(1))),
  text4: (from) => utf8(from.take(from.number(4))),
  text8: (from) => utf8(from.take(from.number(8))),
  latin1: (from) => latin1.decode(from.take(from.number(1))),
  latin4: (from) => latin1.decode(from.take(from.number(4))),
  bytes1: (from) => from.take(from.number(1)),
  bytes4: (from) => from.take(from.number(4)),
  bytes8: (from) => from.take(from.number(8)),
  name: (from) => `${from.line()}.${from.line()}`,
};

/** What names and persistent ids of a pickle mean. */
export interface Surroundings {
  find(name: string): Name;
  load(id: PickleValue): PickleValue;
}

/**
 * Runs a pickle: a program for a stack machine that builds what it holds (Python's `pickle`, `pickletools`).
 * @param at where in the bytes it begins
 * @returns what it built, and where it ends
 * @throws CutShort where the bytes end first; RangeError saying what it does that cannot be; whatever `find` and `load`
 *   throw
 */
export function unpickle(bytes: Uint8Array, { find, load }: Surroundings, at = 0): { value: PickleValue; end: number } {
  const from = new Cursor(bytes, at);
  const stack = new Stack(find, load);
  for (;;) {
    const code = from.number(1);
    if (code === STOP) return { value: stack.pop(), end: from.at };
    const opcode = OPCODES[code];
    if (!opcode)
      throw new BadPickle(said`holds an instruction 0x${code.toString(16).padStart(2, '0')} that is not known`);
    opcode.act(stack, READERS[opcode.argument](from));
  }
}
