import { said } from '../../../core/errors';
import type { Stack } from './stack';
import { BadPickle } from './values';

/** What stands behind an opcode. */
export interface Arguments {
  none: undefined;
  uint1: number;
  uint2: number;
  uint4: number;
  int4: number;
  uint8: number;
  /** Big-endian. */
  float8: number;
  /** A little-endian whole number behind its length of one or four bytes. */
  long1: number | bigint;
  long4: number | bigint;
  /** UTF-8 behind a length of so many bytes. */
  text1: string;
  text4: string;
  text8: string;
  /** Python 2's strings: bytes of unknown encoding, read as Latin-1. */
  latin1: string;
  latin4: string;
  bytes1: Uint8Array;
  bytes4: Uint8Array;
  bytes8: Uint8Array;
  /** Two lines, a module and a name in it: `torch` and `FloatStorage` are `torch.FloatStorage`. */
  name: string;
}

export type ArgumentKind = keyof Arguments;

/** One instruction: its name, what stands behind it, and what it does. */
export interface Opcode {
  name: string;
  argument: ArgumentKind;
  act(stack: Stack, argument: Arguments[ArgumentKind]): void;
}

const op = <K extends ArgumentKind>(name: string, argument: K, act: (stack: Stack, argument: Arguments[K]) => void) =>
  ({ name, argument, act }) as Opcode;

const text = (value: unknown): string => {
  if (typeof value === 'string') return value;
  throw new BadPickle(said`names something by what is not text`);
};

// biome-ignore format: a table
/**
 * The instructions of a pickle (Python's `pickletools`, protocols 2 to 5), by their byte; the end is the machine's.
 * Those of protocols 0 and 1 that write values as lines of text are none that torch ever wrote.
 */
export const OPCODES: Readonly<Record<number, Opcode>> = {
  // Where it begins, which says nothing that matters.
  128: op('PROTO', 'uint1', () => undefined),
  149: op('FRAME', 'uint8', () => undefined),
  // Values.
  78: op('NONE', 'none', (stack) => stack.push(null)),
  136: op('NEWTRUE', 'none', (stack) => stack.push(true)),
  137: op('NEWFALSE', 'none', (stack) => stack.push(false)),
  75: op('BININT1', 'uint1', (stack, value) => stack.push(value)),
  77: op('BININT2', 'uint2', (stack, value) => stack.push(value)),
  74: op('BININT', 'int4', (stack, value) => stack.push(value)),
  138: op('LONG1', 'long1', (stack, value) => stack.push(value)),
  139: op('LONG4', 'long4', (stack, value) => stack.push(value)),
  71: op('BINFLOAT', 'float8', (stack, value) => stack.push(value)),
  140: op('SHORT_BINUNICODE', 'text1', (stack, value) => stack.push(value)),
  88: op('BINUNICODE', 'text4', (stack, value) => stack.push(value)),
  141: op('BINUNICODE8', 'text8', (stack, value) => stack.push(value)),
  85: op('SHORT_BINSTRING', 'latin1', (stack, value) => stack.push(value)),
  84: op('BINSTRING', 'latin4', (stack, value) => stack.push(value)),
  67: op('SHORT_BINBYTES', 'bytes1', (stack, value) => stack.push(value)),
  66: op('BINBYTES', 'bytes4', (stack, value) => stack.push(value)),
  142: op('BINBYTES8', 'bytes8', (stack, value) => stack.push(value)),
  150: op('BYTEARRAY8', 'bytes8', (stack, value) => stack.push(value)),
  // Lists, tuples, sets and dicts.
  93: op('EMPTY_LIST', 'none', (stack) => stack.push([])),
  41: op('EMPTY_TUPLE', 'none', (stack) => stack.push([])),
  143: op('EMPTY_SET', 'none', (stack) => stack.push([])),
  125: op('EMPTY_DICT', 'none', (stack) => stack.push(new Map())),
  108: op('LIST', 'none', (stack) => stack.push(stack.popMarked())),
  116: op('TUPLE', 'none', (stack) => stack.push(stack.popMarked())),
  145: op('FROZENSET', 'none', (stack) => stack.push(stack.popMarked())),
  133: op('TUPLE1', 'none', (stack) => stack.pack(1)),
  134: op('TUPLE2', 'none', (stack) => stack.pack(2)),
  135: op('TUPLE3', 'none', (stack) => stack.pack(3)),
  100: op('DICT', 'none', (stack) => { const pairs = stack.popMarked(); stack.push(new Map()); stack.assign(pairs); }),
  97: op('APPEND', 'none', (stack) => { const item = stack.pop(); stack.extend([item]); }),
  101: op('APPENDS', 'none', (stack) => stack.extend(stack.popMarked())),
  144: op('ADDITEMS', 'none', (stack) => stack.extend(stack.popMarked())),
  115: op('SETITEM', 'none', (stack) => { const value = stack.pop(); stack.assign([stack.pop(), value]); }),
  117: op('SETITEMS', 'none', (stack) => stack.assign(stack.popMarked())),
  // The stack and the memo.
  40: op('MARK', 'none', (stack) => stack.mark()),
  49: op('POP_MARK', 'none', (stack) => void stack.popMarked()),
  48: op('POP', 'none', (stack) => void stack.pop()),
  50: op('DUP', 'none', (stack) => stack.push(stack.top())),
  113: op('BINPUT', 'uint1', (stack, at) => stack.keep(at)),
  114: op('LONG_BINPUT', 'uint4', (stack, at) => stack.keep(at)),
  148: op('MEMOIZE', 'none', (stack) => stack.keep()),
  104: op('BINGET', 'uint1', (stack, at) => stack.recall(at)),
  106: op('LONG_BINGET', 'uint4', (stack, at) => stack.recall(at)),
  // Names, what is made by them, and what lies beside the pickle.
  99: op('GLOBAL', 'name', (stack, name) => stack.push(stack.find(name))),
  147: op('STACK_GLOBAL', 'none', (stack) => { const name = text(stack.pop()); stack.push(stack.find(`${text(stack.pop())}.${name}`)); }),
  82: op('REDUCE', 'none', (stack) => stack.apply()),
  129: op('NEWOBJ', 'none', (stack) => stack.apply()),
  146: op('NEWOBJ_EX', 'none', (stack) => { stack.pop(); stack.apply(); }),
  98: op('BUILD', 'none', (stack) => stack.build()),
  81: op('BINPERSID', 'none', (stack) => stack.push(stack.load(stack.pop()))),
};
