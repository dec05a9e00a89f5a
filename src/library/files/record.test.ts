import { expect, it } from 'vitest';
import { type Loss, MemoryDirectory } from '../fixtures/memory-directory';
import { isSideOf, readRecord, removeRecord, writeRecord } from './record';

it('reads what was written last', async () => {
  const directory = new MemoryDirectory();
  expect(await readRecord(directory, 'r')).toBeUndefined();
  for (const value of [1, { long: 'x'.repeat(1000) }, 'short', null]) {
    await writeRecord(directory, 'r', value);
    expect(await readRecord(directory, 'r')).toEqual(value);
  }
  const files = (await directory.list()).map(({ name }) => name);
  expect(files.every((file) => isSideOf('r', file))).toBe(true);
  await removeRecord(directory, 'r');
  expect(await directory.list()).toEqual([]);
});

it.each<Loss>(['nothing', 'unflushed', 'half of unflushed'])(
  'is the one before or the one after where the power fails at any operation, losing %s',
  async (loss) => {
    const values = ['first', 'a second value, longer than the first', 'third', 'fourth: longer than any before it'];
    let cuts = 0;
    for (let cutAt = 0; ; cutAt++) {
      const directory = new MemoryDirectory();
      directory.cutAt = cutAt;
      let written = -1;
      try {
        for (; written < values.length - 1; written++) await writeRecord(directory, 'r', values[written + 1]);
      } catch {
        cuts++;
      }
      const after = directory.restarted(loss);
      expect([values[written], values[written + 1]]).toContain(await readRecord(after, 'r'));
      // And it goes on from there.
      await writeRecord(after, 'r', 'fifth');
      expect(await readRecord(after, 'r')).toBe('fifth');
      if (written === values.length - 1) break;
    }
    expect(cuts).toBe(values.length * 4); // open, write, truncate, flush
  },
);
