import { beforeEach, describe, expect, it } from 'vitest';
import { pictureFileName } from '../gallery/file-name';
import { rememberPrompt, usePromptHistory, walkHistory } from './prompt-history';
import { changeWeight } from './prompt-weight';
import { tokenText } from './token-count';

/** "|" marks the caret, two of them a selection. */
function edit(marked: string, delta: number): string {
  const [before, inside, after] = marked.split('|');
  const text = marked.replaceAll('|', '');
  const selectionEnd = after === undefined ? before.length : before.length + inside.length;
  const next = changeWeight({ text, selectionStart: before.length, selectionEnd }, delta);
  const { selectionStart: from, selectionEnd: to } = next;
  return `${next.text.slice(0, from)}|${next.text.slice(from, to)}|${next.text.slice(to)}`;
}

describe('Ctrl+Up and Ctrl+Down (ux 21)', () => {
  it.each([
    ['a red f|ox', 0.1, 'a red (|fox|:1.1)'],
    ['a red (f|ox:1.1)', 0.1, 'a red (|fox|:1.2)'],
    ['a red (|fox|:1.1)', -0.1, 'a red |fox|'],
    ['a red fox|', -0.1, 'a red (|fox|:0.9)'],
    ['a |red fox| in snow', 0.1, 'a (|red fox|:1.1) in snow'],
    ['(a (red:1.3) f|ox:1.1)', 0.1, '(|a (red:1.3) fox|:1.2)'],
    ['a cat, | a dog', 0.1, 'a cat, || a dog'],
    ['a <lora:mo|ss:1> cat', 0.1, 'a <lora:mo||ss:1.05> cat'],
    ['<lora:moss:0.5:1|>', -0.1, '<lora:moss:0.45:||1>'],
    ['<lora:moss|:te=0.5:unet=1>', 0.1, '<lora:moss||:te=0.55:unet=1>'],
    ['<lora:mo|ss> (fox:1.1)', -0.1, '<lora:mo||ss:0.95> (fox:1.1)'],
    ['<lora:moss:1> f|ox', 0.1, '<lora:moss:1> (|fox|:1.1)'],
  ])('turn %s by %d into %s', (from, delta, to) => {
    expect(edit(from, delta)).toBe(to);
  });

  it('undo each other', () => {
    expect(edit(edit('a |fox|', 0.1), -0.1)).toBe('a |fox|');
  });
});

describe('the prompt history', () => {
  beforeEach(() => usePromptHistory.setState({ prompts: [] }));
  it('keeps each prompt once, newest first', () => {
    for (const prompt of ['one', 'two', ' ', 'one']) rememberPrompt(prompt);
    expect(usePromptHistory.getState().prompts).toEqual(['one', 'two']);
  });
  it('walks back from what is being typed, and returns to it', () => {
    const prompts = ['two', 'one'];
    const first = walkHistory(prompts, undefined, 1, 'half typ');
    expect(first?.prompt).toBe('two');
    const second = walkHistory(prompts, first?.walk, 1, 'two');
    expect(second?.prompt).toBe('one');
    expect(walkHistory(prompts, second?.walk, 1, 'one')).toBeUndefined();
    const back = walkHistory(prompts, first?.walk, -1, 'two');
    expect(back?.prompt).toBe('half typ');
  });
});

it('names downloads by number, seed and prompt, safely', () => {
  expect(pictureFileName(12, { seed: 7, prompt: 'a (red:1.2) fox' })).toBe('00012-7-a red fox.png');
  expect(pictureFileName(1, { seed: 0, prompt: '../a\\b: "c"?\n' })).toBe('00001-0-.. ab c.png');
  expect(pictureFileName(1, { seed: 0, prompt: '' })).toBe('00001-0.png');
  expect(pictureFileName(1, { seed: 0, prompt: 'x'.repeat(500) }).length).toBeLessThan(100);
});

it('counts tokens against the windows they fill', () => {
  expect(tokenText({ tokens: 23, windows: 1 })).toBe('23 / 75');
  expect(tokenText({ tokens: 98, windows: 2 })).toBe('98 / 150');
  expect(tokenText({ tokens: 0, windows: 0 })).toBe('0 / 75');
});
