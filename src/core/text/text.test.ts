import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withWords } from './embedding-words';
import { emphasise } from './emphasis';
import { parsePrompt, plainText } from './prompt-syntax';
import { type TokenizerLike, tokenizePrompt, WINDOW } from './windows';

const pieces = (prompt: string) =>
  parsePrompt(prompt).map((f) => (f.kind === 'text' ? [f.text, Math.round(f.weight * 1e4) / 1e4] : 'BREAK'));

/**
 * The loop of A1111's `parse_prompt_attention` (modules/prompt_parser.py), which goes back over all that was read at
 * each bracket that closes. Neighbours whose weights agree to so many digits are joined.
 */
function a1111Attention(text: string, digits: number): [string, number][] {
  const res: [string, number][] = [];
  const open: Record<'(' | '[', number[]> = { '(': [], '[': [] };
  const multiply = (start: number, by: number) => {
    for (let p = start; p < res.length; p++) if (res[p][0] !== 'BREAK' || res[p][1] !== -1) res[p][1] *= by;
  };
  const attention = /\\\(|\\\)|\\\[|\\]|\\\\|\\|\(|\[|:\s*([+-]?[.\d]+)\s*\)|\)|]|[^\\()[\]:]+|:/g;
  for (const [token, weight] of text.matchAll(attention)) {
    if (token.startsWith('\\')) res.push([token.slice(1), 1]);
    else if (token === '(' || token === '[') open[token].push(res.length);
    else if (weight !== undefined && open['('].length > 0) multiply(open['('].pop() ?? 0, Number.parseFloat(weight));
    else if (token === ')' && open['('].length > 0) multiply(open['('].pop() ?? 0, 1.1);
    else if (token === ']' && open['['].length > 0) multiply(open['['].pop() ?? 0, 1 / 1.1);
    else
      for (const [i, part] of token.split(/\s*\bBREAK\b\s*/).entries()) {
        if (i > 0) res.push(['BREAK', -1]);
        if (part !== '') res.push([part, 1]);
      }
  }
  for (const start of open['(']) multiply(start, 1.1);
  for (const start of open['[']) multiply(start, 1 / 1.1);
  const joined: [string, number][] = [];
  for (const [part, weight] of res) {
    const last = joined.at(-1);
    if (last && weight !== -1 && last[1].toPrecision(digits) === weight.toPrecision(digits)) last[0] += part;
    else joined.push([part, weight]);
  }
  return joined.length > 0 ? joined : [['', 1]];
}

describe('parsePrompt', () => {
  // The first eight are the examples that A1111's own parser documents, by their stated results.
  it.each([
    ['normal text', [['normal text', 1]]],
    [
      'an (important) word',
      [
        ['an ', 1],
        ['important', 1.1],
        [' word', 1],
      ],
    ],
    ['(unbalanced', [['unbalanced', 1.1]]],
    ['\\(literal\\]', [['(literal]', 1]]],
    ['(unnecessary)(parens)', [['unnecessaryparens', 1.1]]],
    [
      'a (((house:1.3)) [on] a (hill:0.5), sun, (((sky))).',
      [
        ['a ', 1],
        ['house', 1.573],
        [' ', 1.1],
        ['on', 1],
        [' a ', 1.1],
        ['hill', 0.55],
        [', sun, ', 1.1],
        ['sky', 1.4641],
        ['.', 1.1],
      ],
    ],
    ['', [['', 1]]],
    ['[less]', [['less', 0.9091]]],
    [
      'a:b (c:d)',
      [
        ['a:b ', 1],
        ['c:d', 1.1],
      ],
    ],
    ['(x: 1.5 )', [['x', 1.5]]],
    ['stray ) and ]', [['stray ) and ]', 1]]],
    ['(x:-0.5)', [['x', -0.5]]],
    ['one BREAK two', [['one', 1], 'BREAK', ['two', 1]]],
    ['BREAKFAST', [['BREAKFAST', 1]]],
    ['back\\slash', [['backslash', 1]]],
    ['(a:1.2:3)', [['a:1.2', 3]]],
  ])('%s', (prompt, expected) => {
    expect(pieces(prompt)).toEqual(expected);
  });

  it.each([
    ['a (red:1.2) fox', ['a ', 'red', ' fox']],
    ['((a)) [b]', ['a', ' ', 'b']],
    ['(unnecessary)(parens), x', ['unnecessary)(parens', ', x']],
    ['\\(literal\\] (x)', ['\\(literal\\] ', 'x']],
    ['one  BREAK (two) BREAK', ['one', 'two']],
    ['stray ) (open', ['stray ) ', 'open']],
    ['a 🦊 (🦊:0.8)', ['a 🦊 ', '🦊']],
    ['', ['']],
  ])('says where the text of %s stands', (prompt, expected) => {
    const texts = parsePrompt(prompt).filter((fragment) => fragment.kind === 'text');
    expect(texts.map(({ from, to }) => prompt.slice(from, to))).toEqual(expected);
  });

  it('gives the words and weights of A1111’s own loop', () => {
    const marks = [
      '(',
      ')',
      '[',
      ']',
      ':1.3)',
      ': .5 )',
      ':1.2.3)',
      ':',
      '\\\\',
      '\\(',
      ' BREAK ',
      '\n',
      'BREAKS',
      'a',
      ' b',
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...marks), { maxLength: 24 }), (parts) => {
        // Beyond eight brackets around a word, ours are multiplied in another order, to be done in time.
        const digits = parts.filter((part) => /^[([]/.test(part)).length <= 8 ? 17 : 12;
        const close = ([text, weight]: [string, number]) => [text, Number(weight.toPrecision(digits))];
        const read = parsePrompt(parts.join('')).map((f): [string, number] =>
          f.kind === 'text' ? [f.text, f.weight] : ['BREAK', -1],
        );
        expect(read.map(close)).toEqual(a1111Attention(parts.join(''), digits).map(close));
      }),
      // Those left open multiply at the end, by the round ones first: 1.1 * 1.1 * 1.1 / 1.1 has a last digit of its
      // own.
      { numRuns: 1000, examples: [[['(', '(', 'a', '[', '(', ' b']]] },
    );
  });

  it('plainText takes the marks away', () => {
    expect(plainText('a (red:1.3) [cat] \\(1\\)')).toBe('a red cat (1)');
    expect(plainText('a cat<lora:moss:0.8>')).toBe('a cat');
    expect(plainText('[cat:dog:0.5]# note')).toBe(' cat dog     \n');
  });
});

/** One token a word, commas their own; ids are counted from 10 in order of first use, the comma is 5. */
function wordTokenizer(): TokenizerLike {
  const ids = new Map<string, number>([[',', 5]]);
  const idOf = (word: string) => {
    if (!ids.has(word)) ids.set(word, 10 + ids.size);
    return ids.get(word) as number;
  };
  return { encode: (text) => (text.match(/,|[^\s,]+/g) ?? []).map(idOf), bos: 1, eos: 2, pad: 3, comma: 5 };
}
const words = (n: number, prefix = 'w') => Array.from({ length: n }, (_, i) => `${prefix}${i}`).join(' ');

describe('tokenizePrompt', () => {
  it('fills one window: start, words, end, padding', () => {
    const { windows, tokens } = tokenizePrompt('red (cat:1.5)', wordTokenizer());
    expect(tokens).toBe(2);
    expect(windows).toHaveLength(1);
    expect([...windows[0].ids.slice(0, 6)]).toEqual([1, 11, 12, 2, 3, 3]);
    expect([...windows[0].weights.slice(0, 5)]).toEqual([1, 1, 1.5, 1, 1]);
    expect(windows[0].ids).toHaveLength(WINDOW);
  });

  it('gives an empty prompt one empty window', () => {
    const { windows, tokens } = tokenizePrompt('', wordTokenizer());
    expect(tokens).toBe(0);
    expect([...windows[0].ids.slice(0, 3)]).toEqual([1, 2, 3]);
  });

  it('goes on in a second window after 75 tokens', () => {
    expect(tokenizePrompt(words(75), wordTokenizer()).windows).toHaveLength(1);
    const { windows, tokens } = tokenizePrompt(words(76), wordTokenizer());
    expect(windows).toHaveLength(2);
    expect(tokens).toBe(76);
    expect(windows[0].ids[76]).toBe(2);
    expect([...windows[1].ids.slice(1, 3)]).toEqual([10 + 76, 2]);
  });

  it('breaks after a comma among the last 20 tokens rather than within a phrase', () => {
    // 60 words, a comma, 20 words: the 76th token falls within the last phrase, which moves on as a whole.
    const { windows, tokens } = tokenizePrompt(`${words(60)}, ${words(20, 'v')}`, wordTokenizer());
    expect(windows).toHaveLength(2);
    expect(windows[0].ids[61]).toBe(5);
    expect(windows[0].ids[62]).toBe(2);
    expect(tokens).toBe(75 + 20);
  });

  it('leaves a comma further back alone', () => {
    const { windows } = tokenizePrompt(`${words(50)}, ${words(30, 'v')}`, wordTokenizer());
    expect(windows[0].ids[75]).not.toBe(3);
  });

  it('never cuts an embedding: it begins the next window (wild 22)', () => {
    const tokenizer = withWords(wordTokenizer(), new Map([['style', [900, 901, 902, 903, 904, 905, 906, 907]]]));
    const { windows, tokens } = tokenizePrompt(`${words(70)} style v`, tokenizer);
    expect([...windows[0].ids.slice(70, 73)]).toEqual([80, 2, 3]);
    expect([...windows[1].ids.slice(1, 10)]).toEqual([900, 901, 902, 903, 904, 905, 906, 907, 81]);
    expect(tokens).toBe(75 + 9);
    // One that fits to the last place stays.
    expect(tokenizePrompt(`${words(67)} style`, tokenizer).windows).toHaveLength(1);
  });

  it('BREAK ends the window', () => {
    const { windows, tokens } = tokenizePrompt('a BREAK b', wordTokenizer());
    expect(windows).toHaveLength(2);
    expect(tokens).toBe(76);
  });
});

describe('emphasise', () => {
  it('weighs tokens and restores the mean: hand-computed', () => {
    // Mean 2.5; weighted [1, 2, 6, 8], mean 4.25; scaled by 2.5 / 4.25.
    const out = emphasise(Float32Array.of(1, 2, 3, 4), Float32Array.of(1, 2));
    for (const [i, value] of [1, 2, 6, 8].entries()) expect(out[i]).toBeCloseTo((value * 2.5) / 4.25, 6);
  });

  it('restores the mean of each tower by itself: hand-computed (wild 25)', () => {
    // Two tokens; a tower of one column, [1, 3], and one of two, [2, 4; 6, 8]. Weighted by 1 and 2 they are [1, 6] and
    // [2, 4; 12, 16]: sums 4 to 7, 20 to 34.
    const out = emphasise(Float32Array.of(1, 2, 4, 3, 6, 8), Float32Array.of(1, 2), [1, 2]);
    const expected = [4 / 7, (2 * 20) / 34, (4 * 20) / 34, (6 * 4) / 7, (12 * 20) / 34, (16 * 20) / 34];
    for (const [i, value] of expected.entries()) expect(out[i]).toBeCloseTo(value, 6);
  });

  it('leaves an unweighted window untouched', () => {
    const hidden = Float32Array.of(1, -2);
    expect(emphasise(hidden, Float32Array.of(1, 1))).toBe(hidden);
  });
});
