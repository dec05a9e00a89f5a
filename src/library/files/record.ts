import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import * as v from 'valibot';
import type { StorageDirectory } from './directory';

/** A record stands in two files by turns, so that one of them is whole at every moment. */
const sides = (name: string): readonly string[] => [`${name}.a`, `${name}.b`];

interface Side {
  file: string;
  /** How often the record had been written. */
  turn: number;
  value?: unknown;
}

const TurnSchema = v.object({ turn: v.number(), value: v.optional(v.unknown()) });

/** The newest value that was written whole; undefined where there is none. */
export async function readRecord(directory: StorageDirectory, name: string): Promise<unknown> {
  return (await newestFirst(directory, name))[0].value;
}

/**
 * Writes a value in the place of the older one. Whatever happens meanwhile, the record afterwards reads as the one
 * before or as this one.
 */
export async function writeRecord(directory: StorageDirectory, name: string, value: unknown): Promise<void> {
  const [newest, older] = await newestFirst(directory, name);
  const text = JSON.stringify({ turn: newest.turn + 1, value });
  const bytes = new TextEncoder().encode(`${digest(text)}\n${text}`);
  const file = await directory.open(older.file);
  try {
    await file.write(0, bytes);
    await file.truncate(bytes.length);
    await file.flush();
  } finally {
    await file.close();
  }
}

export async function removeRecord(directory: StorageDirectory, name: string): Promise<void> {
  for (const file of sides(name)) await directory.remove(file);
}

/** Whether a file is one of a record's. */
export function isSideOf(name: string, file: string): boolean {
  return sides(name).includes(file);
}

async function newestFirst(directory: StorageDirectory, name: string): Promise<[Side, Side]> {
  const [a, b] = await Promise.all(sides(name).map((file) => readSide(directory, file)));
  return a.turn >= b.turn ? [a, b] : [b, a];
}

async function readSide(directory: StorageDirectory, file: string): Promise<Side> {
  const stored = await textOf(directory, file);
  const end = stored.indexOf('\n');
  const text = stored.slice(end + 1);
  if (end === -1 || stored.slice(0, end) !== digest(text)) return { file, turn: 0 };
  // Its digest says that it was written so; what the value is, is its reader's to check.
  const { turn, value } = v.parse(TurnSchema, JSON.parse(text));
  return { file, turn, value };
}

async function textOf(directory: StorageDirectory, file: string): Promise<string> {
  try {
    return (await (await directory.blob(file))?.text()) ?? '';
  } catch {
    // Another tab is writing it just now: the other side is the newest whole one.
    return '';
  }
}

const digest = (text: string) => bytesToHex(sha256(new TextEncoder().encode(text)));
