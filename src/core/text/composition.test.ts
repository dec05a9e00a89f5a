import { expect, it } from 'vitest';
import { splitPrompts } from './composition';

it('splits at AND, in capitals and as a word, and reads weights', () => {
  expect(splitPrompts('a cat :1.2 AND snow: -.5 AND sand and sea')).toEqual([
    { text: 'a cat', weight: 1.2 },
    { text: 'snow', weight: -0.5 },
    { text: 'sand and sea', weight: 1 },
  ]);
  expect(splitPrompts('LAND ANDes')).toEqual([{ text: 'LAND ANDes', weight: 1 }]);
});

it('leaves a single prompt as it is, colon and all', () => {
  expect(splitPrompts('score 3:2 ')).toEqual([{ text: 'score 3:2 ', weight: 1 }]);
});

it('keeps brackets with their weights, line breaks and empty parts', () => {
  expect(splitPrompts('(red:1.2)\napple AND ')).toEqual([
    { text: '(red:1.2)\napple', weight: 1 },
    { text: '', weight: 1 },
  ]);
});
