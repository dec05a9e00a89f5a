import { expect, it } from 'vitest';
import { completionAt } from './completion';

const REPERTOIRE = {
  things: [{ name: 'polar bear' }, { name: 'bear' }, { name: 'T-Rex' }, { name: 'beach with umbrella' }],
  near: {},
  colours: ['teal'],
  grounds: [],
  scenes: [{ name: 'beach', phrases: ['on the beach'] }],
  styles: ['pixel art'],
};

/** What completes the prompt at "|". */
function completed(marked: string): string[] {
  const caret = marked.indexOf('|');
  const text = marked.replace('|', '');
  const { start, texts } = completionAt(text, caret, REPERTOIRE);
  return texts.map((name) => text.slice(0, start) + name + text.slice(caret));
}

it.each([
  ['a be|', ['a bear', 'a beach with umbrella']],
  ['a polar b|', ['a polar bear']],
  ['a BEA|, red', ['a bear, red', 'a beach with umbrella, red']],
  ['a cat on the|', ['a cat on the beach']],
  ['a te|', ['a teal']],
  ['a bear, pix|', ['a bear, pixel art']],
  ['t-|', ['T-Rex']],
  ['a b|', []],
  ['a bear|', []],
  ['a be|ar', []],
  ['|', []],
])('completes %s', (marked, texts) => {
  expect(completed(marked)).toEqual(texts);
});
