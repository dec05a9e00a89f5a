import { expect, it } from 'vitest';
import { outcomeOf } from '../../fuzz/outcome';
import { TEXT_FUNCTIONS } from './functions';
import { SHAPES } from './shapes';

/**
 * One whose time grows with the square of the text would take five minutes for this: the test’s own limit ends it.
 */
const LENGTH = 600_000;

/** They read what `parsePrompt` leaves of a prompt, so brackets are nothing new to them. */
const OF_PLAIN_TEXT = [
  'plainText',
  'tokenizePrompt',
  'namesIn',
  'judge',
  'completionAt',
  'replaceWord',
  'pictureFileName',
];

const TEXTS = Object.values(SHAPES).map((textOf) => textOf(LENGTH));

it('has texts of every shape', () => {
  for (const text of TEXTS) expect(text).toHaveLength(LENGTH);
});

it.each(Object.entries(TEXT_FUNCTIONS))('%s ends on a text of every shape', async (name, read) => {
  for (const text of TEXTS) {
    if (OF_PLAIN_TEXT.includes(name) && /[()[\]]/.test(text)) continue;
    expect(['read', 'bad-request', 'unsupported']).toContain(await outcomeOf(read, text));
  }
});
