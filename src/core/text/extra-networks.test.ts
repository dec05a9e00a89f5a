import { describe, expect, it } from 'vitest';
import { withWords } from './embedding-words';
import { extraNetworks, withLora, withPhrase } from './extra-networks';

describe('extraNetworks', () => {
  it.each([
    ['a fox <lora:moss:0.8>', { name: 'moss', textWeight: 0.8, unetWeight: 0.8 }],
    ['<lora:moss>', { name: 'moss', textWeight: 1, unetWeight: 1 }],
    ['<lora:moss:0.5:0.7>', { name: 'moss', textWeight: 0.5, unetWeight: 0.7 }],
    ['<lora:moss:te=0:unet=-1>', { name: 'moss', textWeight: 0, unetWeight: -1 }],
    ['<lora:moss:0.5:unet=2>', { name: 'moss', textWeight: 0.5, unetWeight: 2 }],
    ['<lora:moss:much>', { name: 'moss', textWeight: 1, unetWeight: 1 }],
    ['<lora:moss:>', { name: 'moss', textWeight: 1, unetWeight: 1 }],
    ['<lyco: a b-c.v2 :1e-1>', { name: 'a b-c.v2', textWeight: 0.1, unetWeight: 0.1 }],
    ['<LORA:moss:0.1> <lora:moss:0.2>', { name: 'moss', textWeight: 0.2, unetWeight: 0.2 }],
  ])('%s', (prompt, mention) => {
    const parts = extraNetworks(prompt);
    expect(parts.loras).toEqual([mention]);
    expect(parts.prompt).not.toMatch(/[<>]/);
    expect(parts.unknown).toEqual([]);
  });

  it('keeps the order of several, takes out other kinds, and leaves what is no network', () => {
    expect(extraNetworks('x <lora:b:1> (y:1.2) <lora:a:2> <hypernet:c:1>')).toEqual({
      prompt: 'x  (y:1.2)  ',
      loras: [
        { name: 'b', textWeight: 1, unetWeight: 1 },
        { name: 'a', textWeight: 2, unetWeight: 2 },
      ],
      unknown: ['<hypernet:c:1>'],
    });
    for (const prompt of ['a < b > c', '<easel>', '<lora>', '<3 :>', 'a <lora:x'])
      expect(extraNetworks(prompt)).toEqual({ prompt, loras: [], unknown: [] });
  });
});

describe('withWords', () => {
  const tokenizer = {
    encode: (text: string) =>
      text
        .trim()
        .split(/\s+/)
        .filter(Boolean)
        .map((word) => word.length),
    bos: 0,
    eos: 1,
    pad: 1,
  };
  const words = new Map([
    ['<easel>', [100, 101]],
    ['moss', [102]],
    ['moss-v2', [103, 104]],
    ['a.b', [105]],
  ]);
  it.each([
    ['a photo of <easel>', [1, 5, 2, 100, 101]],
    ['Moss, moss-v2 and mossy', [102, 1, 103, 104, 3, 5]],
    ['(moss:1.2)', [1, 102, 5]],
    ['a.b axb', [105, 3]],
    ['x<easel>y', [1, 100, 101, 1]],
    ['', []],
  ])('%s', (text, ids) => expect(withWords(tokenizer, words).encode(text)).toEqual(ids));

  it('changes nothing without words', () => expect(withWords(tokenizer, new Map())).toBe(tokenizer));
});

describe('withLora', () => {
  it.each([
    ['a cat', 0.8, 'a cat <lora:moss:0.8>'],
    ['', 1, '<lora:moss:1>'],
    ['a <lora:moss:0.5> cat <lora:moss>', 0.7, 'a <lora:moss:0.7> cat'],
    ['a <lora:moss:te=0.5:unet=1> cat', { textWeight: 0, unetWeight: 0.7 }, 'a <lora:moss:0:0.7> cat'],
    ['a cat', { textWeight: 0.7, unetWeight: 0.7 }, 'a cat <lora:moss:0.7>'],
    ['a <lora:moss:0.5> cat', undefined, 'a cat'],
    ['a <lora:other:0.5> cat', undefined, 'a <lora:other:0.5> cat'],
  ])('%j at %j', (prompt, weight, changed) => expect(withLora(prompt, 'moss', weight)).toBe(changed));
});

describe('withPhrase', () => {
  it.each([
    ['', 'moss'],
    ['a cat', 'a cat, moss'],
    ['a cat, ', 'a cat, moss'],
    ['a cat <lora:x:1>  <lora:y:0.5> ', 'a cat, moss <lora:x:1>  <lora:y:0.5>'],
    ['<lora:x:1>', 'moss <lora:x:1>'],
    ['a <lora:x:1> cat', 'a <lora:x:1> cat, moss'],
    ['a < b>', 'a < b>, moss'],
  ])('%j', (prompt, changed) => expect(withPhrase(prompt, 'moss')).toBe(changed));
});
