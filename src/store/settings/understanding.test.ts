import { beforeEach, expect, it } from 'vitest';
import { resetSettings, useSettings } from './settings';
import { addToPrompt, judge, replaceWord } from './understanding';

const REPERTOIRE = {
  things: ['fox', 'crown', 'bear', 'tree'].map((name) => ({ name })),
  near: { king: ['crown'] },
  colours: ['red'],
  grounds: ['white'],
  scenes: [
    { name: 'snow', phrases: ['in the snow'] },
    { name: 'night', phrases: ['at night'] },
  ],
  styles: ['pixel art'],
};

beforeEach(resetSettings);

it('says what stands for a word that means nothing to the model, and when nothing is left', () => {
  const { suggestions, isLost, excess } = judge('a photo of a king', REPERTOIRE);
  expect(suggestions).toEqual([
    { word: 'photo', texts: [] },
    { word: 'king', texts: ['crown'] },
  ]);
  expect({ isLost, excess }).toEqual({ isLost: true, excess: undefined });
  expect(judge(' ', REPERTOIRE).isLost).toBe(false);
  expect(judge('a red fox', REPERTOIRE)).toMatchObject({ isLost: false, ignored: [], excess: undefined });
});

it('says when more is asked for than the model paints at a time', () => {
  expect(judge('a fox, a crown, a bear and a tree', REPERTOIRE).excess).toMatch(/^Up to 3 different things/);
  expect(judge('a fox in the snow at night', REPERTOIRE).excess).toMatch(/^One surrounding/);
});

it('puts a word in another’s place, and no other word’s part', () => {
  expect(replaceWord('a King, kings and (king:1.2)', 'king', 'crown')).toBe('a crown, kings and (crown:1.2)');
  expect(replaceWord('the chef’s hat', "chef's", '$&')).toBe('the $& hat');
});

it('adds things after a comma, and surroundings without', () => {
  for (const text of ['fox', 'crown', 'in the snow', 'pixel art']) addToPrompt(text);
  expect(useSettings.getState().values.prompt).toBe('fox, crown in the snow, pixel art');
});
