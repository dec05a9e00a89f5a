import { expect, it } from 'vitest';
import { randomTensor, stateDictOf } from '../fixtures/random-model';
import { KeptWeights } from './kept-weights';
import type { StateDict } from './state-dict';

async function counted() {
  const dict = await stateDictOf(
    new Map([
      ['a', randomTensor(1, [4, 4])],
      ['b', randomTensor(2, [4, 4])],
    ]),
  );
  const reads: string[] = [];
  const read: StateDict['read'] = (key, from, to) => {
    reads.push(key);
    return dict.read(key, from, to);
  };
  return { dict, reads, counting: { entries: dict.entries, read } };
}

it('reads a tensor once, whatever parts of it are asked for', async () => {
  const { dict, reads, counting } = await counted();
  const kept = new KeptWeights(counting, 1000);
  expect(await kept.read('a', 8, 24)).toEqual(await dict.read('a', 8, 24));
  expect(await kept.read('a')).toEqual(await dict.read('a'));
  expect(reads).toEqual(['a']);
});

it('keeps no more than there is room for', async () => {
  const { dict, reads, counting } = await counted();
  const kept = new KeptWeights(counting, 100); // 64 bytes each
  for (const key of ['a', 'b', 'a', 'b']) expect(await kept.read(key, 4, 8)).toEqual(await dict.read(key, 4, 8));
  expect(reads).toEqual(['a', 'b', 'b']);
});

it('asks again for what could not be read', async () => {
  const { dict, counting } = await counted();
  let fails = true;
  const kept = new KeptWeights(
    { ...counting, read: (...range) => (fails ? Promise.reject(new Error('gone')) : dict.read(...range)) },
    1000,
  );
  await expect(kept.read('a')).rejects.toThrow('gone');
  fails = false;
  expect(await kept.read('a')).toEqual(await dict.read('a'));
});
