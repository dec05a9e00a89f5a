import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Repertoire } from '../repertoire';
import { understand } from './understand';

const read = (path: string) => readFileSync(join(import.meta.dirname, path), 'utf8');
const starter: Repertoire = JSON.parse(read('../../../models/starter/manifest.json')).paints;

/** `prompt | things | words without effect`, a line each. */
const ordinary = read('fixtures/ordinary-prompts.txt')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => {
    const [prompt, things = '', ignored = ''] = line.split('|').map((part) => part.trim());
    const list = (text: string) => (text === '' ? [] : text.split(', '));
    return { prompt, things: list(things), ignored: list(ignored) };
  });

describe('the starter and ordinary prompts', () => {
  it('are at least two hundred, half of them paintable', () => {
    const paintable = ordinary.filter(({ ignored }) => ignored.length === 0).length;
    expect(ordinary.length).toBeGreaterThanOrEqual(200);
    expect(paintable / ordinary.length).toBeGreaterThan(0.4);
    expect(paintable / ordinary.length).toBeLessThan(0.6);
  });

  it.each(ordinary)('$prompt', ({ prompt, things, ignored }) => {
    const found = understand(prompt, starter);
    expect({ things: found.things.map(({ name }) => name), ignored: found.ignored }).toEqual({ things, ignored });
  });
});
