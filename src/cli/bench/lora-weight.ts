import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { headerAndData } from '../../model/fixtures/random-model';
import type { BuiltGraph } from '../../model/graph/types';
import { bindWeights } from '../../model/weights/bind';
import { KeptWeights } from '../../model/weights/kept-weights';
import type { Lora } from '../../model/weights/lora';
import { withLoras } from '../../model/weights/lora-merge';
import { openFile, type StateDict } from '../../model/weights/state-dict';
import { openDirectory } from '../directory';

/** What serving a network's weights took of the model's file. */
interface Reading {
  reads: number;
  readMB: number;
  /** Waiting for the file: it lies in the system's cache. */
  readMs: number;
  /** All weights, merged and converted. */
  totalMs: number;
}

/**
 * A change of a LoRA's weight from a file on the disk: as it was before, and where what the LoRA changes was kept.
 * @param room for what is kept, in bytes
 */
export async function changeOfWeight(
  graph: BuiltGraph,
  lora: Lora,
  room: number,
): Promise<Record<'asBefore' | 'kept', Reading>> {
  const folder = await mkdtemp(join(tmpdir(), 'easel-lora-'));
  try {
    await writeWeights(join(folder, 'unet.safetensors'), graph);
    const { dict } = await openFile(await openDirectory(folder), 'unet.safetensors');
    const reading = { reads: 0, readMB: 0, readMs: 0 };
    const counted: StateDict = { entries: dict.entries, read: (...range) => timed(dict.read(...range), reading) };
    const kept = new KeptWeights(counted, room);
    const serve = async (weight: number, source: Pick<StateDict, 'read'>): Promise<Reading> => {
      Object.assign(reading, { reads: 0, readMB: 0, readMs: 0 });
      const from = performance.now();
      const merged = withLoras(counted, 'unet', [{ lora, unetWeight: weight, textWeight: weight }], source);
      const bound = bindWeights([graph], merged.dict, 'unet');
      for (const slot of graph.weights) await bound.read(slot);
      const figures = { ...reading, totalMs: performance.now() - from };
      return Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, Math.round(value)])) as unknown as Reading; // biome-ignore format: one thought
    };
    const asBefore = await serve(0.8, counted);
    await serve(0.8, kept);
    return { asBefore, kept: await serve(0.7, kept) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function timed(reading: Promise<Uint8Array>, sum: Omit<Reading, 'totalMs'>): Promise<Uint8Array> {
  const from = performance.now();
  const bytes = await reading;
  sum.readMs += performance.now() - from;
  sum.readMB += bytes.length / 1e6;
  sum.reads++;
  return bytes;
}

/** Tensors of a graph's shapes in float16; what they hold does not matter for time. */
async function writeWeights(path: string, { weights }: BuiltGraph): Promise<void> {
  const header: Record<string, unknown> = {};
  let at = 0;
  for (const { key, shape } of weights) {
    const end = at + 2 * shape.reduce((product, side) => product * side, 1);
    header[key] = { dtype: 'F16', shape, data_offsets: [at, end] };
    at = end;
  }
  const file = await open(path, 'w');
  try {
    await file.write(headerAndData(header));
    const piece = new Uint8Array(2 ** 24).map((_, i) => (i % 2 ? 0x2c : i % 251));
    for (let left = at; left > 0; left -= piece.length)
      await file.write(piece.subarray(0, Math.min(left, piece.length)));
  } finally {
    await file.close();
  }
}
