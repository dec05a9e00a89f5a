import { describe, expect, it } from 'vitest';
import { argumentsOf } from './arguments';

const read = (...args: string[]) =>
  argumentsOf({ args, options: { seed: { type: 'string' }, fast: { type: 'boolean' } }, allowPositionals: true });

describe('arguments', () => {
  it('are read as Node reads them, and values may be negative', () => {
    expect(read('a cat', '--seed', '7', '--fast')).toMatchObject({
      positionals: ['a cat'],
      values: { seed: '7', fast: true },
    });
    expect(read('--seed', '-1', 'a cat')).toMatchObject({ positionals: ['a cat'], values: { seed: '-1' } });
    expect(read('--seed=-1')).toMatchObject({ positionals: [], values: { seed: '-1' } });
  });

  it('that a command does not have are named', () => {
    for (const [args, message] of [
      [['--sed', '7'], /Unknown option '--sed'/],
      [['--seed'], /'--seed <value>' argument missing/],
      [['--fast=yes'], /'--fast' does not take an argument/],
    ] as const)
      expect(() => read(...args)).toThrow(
        expect.objectContaining({ code: 'bad-request', message: expect.stringMatching(message) }),
      );
  });
});
