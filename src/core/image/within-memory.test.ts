import { expect, it } from 'vitest';
import { withinMemory } from './within-memory';

const size = { width: 8192, height: 4096 };

it('a picture that there is no memory for is refused by its size', async () => {
  // Longer than any typed array: what engines throw where memory is short is the same.
  const make = async () => new Uint8Array(Number.MAX_SAFE_INTEGER);
  const made = withinMemory(size, make);
  await expect(made).rejects.toMatchObject({ code: 'out-of-memory' });
  await expect(made).rejects.toThrow('There is no memory for 8192 x 4096 pixels. Use a smaller size');
});

it('other faults stay what they are', async () => {
  const fault = new Error('Broken.');
  await expect(withinMemory(size, () => Promise.reject(fault))).rejects.toBe(fault);
  expect(await withinMemory(size, async () => 7)).toBe(7);
});
