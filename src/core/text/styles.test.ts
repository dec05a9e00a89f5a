import { describe, expect, it } from 'vitest';
import { isStyles, readStyles, withStyles, writeStyles } from './styles';

const style = (name: string, prompt = '', negativePrompt = '') => ({ name, prompt, negativePrompt });

// What A1111's modules/styles.py makes of them.
describe('styles', () => {
  it.each([
    ['a fox', 'blurry', [style('ink', 'ink wash', 'photo')], 'a fox, ink wash', 'blurry, photo'],
    [
      'a fox',
      '',
      [style('film', 'cinematic {prompt}, 35mm', '{prompt}, cartoon')],
      'cinematic a fox, 35mm',
      ', cartoon',
    ],
    ['a fox', 'x', [style('twice', '{prompt} and {prompt}')], 'a fox and a fox', 'x'],
    [' a fox ', '', [style('one', ' one '), style('two', 'by {prompt} by')], 'by a fox, one by', ''],
    ['', '', [style('alone', 'a pond', 'dark')], 'a pond', 'dark'],
    ['a $& fox', '', [style('money', '{prompt} $1')], 'a $& fox $1', ''],
    ['a fox', '', [], 'a fox', ''],
  ])('%s with %s in %o', (prompt, negativePrompt, styles, expected, negative) => {
    expect(withStyles({ prompt, negativePrompt }, styles)).toEqual({ prompt: expected, negativePrompt: negative });
  });
});

describe('styles.csv', () => {
  const TEXT = '\uFEFFname,prompt,negative_prompt\r\nink,"ink wash, {prompt}",photo\r\n"two\nlines","say ""x""",\r\n';
  const STYLES = [style('ink', 'ink wash, {prompt}', 'photo'), style('two\nlines', 'say "x"')];

  it('is read and written to the letter', () => {
    expect(readStyles(TEXT)).toEqual(STYLES);
    expect(writeStyles(STYLES)).toBe(TEXT);
  });

  it.each([
    ['name,text\nold,words', [style('old', 'words')]],
    ['name, prompt, negative_prompt\nspaced, a, b', [style('spaced', 'a', 'b')]],
    ['negative_prompt,name,prompt\nn,a,p\nm,a,q\nx,,y', [style('a', 'q', 'm')]],
    ['name,prompt\nshort', [style('short')]],
  ])('of another shape is read: %j', (text, styles) => {
    expect(readStyles(text)).toEqual(styles);
  });

  it('is told apart from other files, which are refused by name', () => {
    expect([TEXT, 'name,text\na,b', '1girl,0,5,', 'name', 'name,count'].map(isStyles)).toEqual([true, true, false, false, false]); // biome-ignore format: one line
    expect(() => readStyles('1girl,0,5,\n')).toThrow('This is no list of styles');
    expect(() => readStyles('name,prompt\na,"b')).toThrow('A quote in line 2 is never closed.');
  });
});
