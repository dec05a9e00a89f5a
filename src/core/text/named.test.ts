import { describe, expect, it } from 'vitest';
import { namesIn } from './named';

const NAMES = ['dog', 'hot dog', 'apple', 'Statue of Liberty', 'box'];
const said = (prompt: string) => namesIn(prompt, NAMES).map((place) => NAMES[place]);

describe('names in a prompt', () => {
  it('are whole words, in either number and any case, each once', () => {
    expect(said('two Apples, an apple and a dog')).toEqual(['apple', 'dog']);
    expect(said('boxes')).toEqual(['box']);
    expect(said('pineapple in a doghouse')).toEqual([]);
  });

  it('are the longest that fit', () => {
    expect(said('a hot dog beside the statue of liberty')).toEqual(['hot dog', 'Statue of Liberty']);
    expect(said('a hot, dry day')).toEqual([]);
  });

  it('are found within emphasis, but not in the mention of a LoRA', () => {
    expect(said('a (red:1.2) (apple) <lora:dog:1>')).toEqual(['apple']);
  });
});
