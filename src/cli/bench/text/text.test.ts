import { expect, it } from 'vitest';
import { outcomeOf } from '../../fuzz/outcome';
import { TEXT_FUNCTIONS } from './functions';
import { SHAPES } from './shapes';

/** One whose time grows with the square of the text would take a quarter of an hour for this: the test's own limit ends it. */
const LENGTH = 1_000_000;

it.each(Object.entries(TEXT_FUNCTIONS))('%s ends on a text of every shape', async (_, read) => {
  for (const textOf of Object.values(SHAPES)) {
    const text = textOf(LENGTH);
    expect(text).toHaveLength(LENGTH);
    expect(['read', 'bad-request']).toContain(await outcomeOf(read, text));
  }
});
