import { describe, expect, it } from 'vitest';
import { withoutComments } from './comments';
import { promptChanges, scheduledTexts, textAtCall, textSchedule, withoutChangeMarks } from './schedule';

// Texts and steps as A1111 1.10 has them are goldens: `core/diffusion/goldens/f_prompt_schedules.json`.

describe('the places of a prompt that change (wild 24)', () => {
  const shown = (prompt: string) =>
    promptChanges(prompt).map(({ from, to, choices, when }) => [
      prompt.slice(from, to),
      ...choices.map((choice) => prompt.slice(choice.from, choice.to)),
      when?.value,
    ]);

  it.each([
    ['a [cat:dog:0.5]', [['[cat:dog:0.5]', 'cat', 'dog', 0.5]]],
    ['[snow: 3 ]', [['[snow: 3 ]', '', 'snow', 3]]],
    ['[snow::.25]', [['[snow::.25]', 'snow', '', 0.25]]],
    ['[a|b|]', [['[a|b|]', 'a', 'b', '', undefined]]],
    [
      '[a:[b|c]:4]',
      [
        ['[a:[b|c]:4]', 'a', '[b|c]', 4],
        ['[b|c]', 'b', 'c', undefined],
      ],
    ],
    ['([a:b:2]:1.3)', [['[a:b:2]', 'a', 'b', 2]]],
  ])('%s', (prompt, changes) => expect(shown(prompt)).toEqual(changes));

  it.each([
    ['emphasis', '(a:1.2) [b] ((c))'],
    ['too many colons', '[a:b:c:3]'],
    ['a word for a number', '[a:b:late]'],
    ['a change within what is none', '[[a:b]:c:0.5]'],
    ['a bracket left open', '[a:b:0.5'],
    ['brackets that cross', '[(a:b:0.5])'],
    ['a bar and a colon', '[a:b|c:0.5]'],
    ['a bar anywhere else', 'a | b [c:d:2]'],
    ['a backslash at the end', '[a:b:2] \\'],
  ])('has none in %s', (_, prompt) => expect(promptChanges(prompt)).toEqual([]));

  it('keeps a change beside and within brackets that are text', () => {
    expect(shown('((a][:b:c [d:3]').map(([whole]) => whole)).toEqual(['[d:3]']);
    expect(shown('[[a:b:2]:c').map(([whole]) => whole)).toEqual(['[a:b:2]']);
  });
});

it('the text at a call holds to the call of its last step, as A1111 counts: the first one call longer', () => {
  const schedule = textSchedule('[a|b|c]', 6);
  expect([0, 1, 2, 3, 4, 5, 6, 99].map((call) => textAtCall(schedule, call)).join('')).toBe('aabcabcc');
});

it('all choices stand side by side where they stood', () => {
  const prompt = 'a [red:[blue|green]:0.5] fox [by night:3] [today::2]';
  const plain = 'a  red  blue green       fox  by night     today    ';
  expect(withoutChangeMarks(prompt)).toBe(plain);
  expect(scheduledTexts('[a|b] c', 4)).toEqual(['a c', 'b c']);
});

it('nests as deep as a prompt is long', () => {
  const deep = `${'[a:'.repeat(20_000)}b${':3]'.repeat(20_000)}`;
  const [before, after] = textSchedule(deep, 20);
  expect([before.text, after.text]).toEqual(['a', 'b']);
});

it.each([
  ['a # note\nb', 'a \nb'],
  ['# note\nb', '\nb'],
  ['a\n# one\n# two\nb', 'a\n\nb'],
  ['a#', 'a\n'],
  ['a cat', 'a cat'],
])('takes the comments out of %j (wild 24)', (prompt, rest) => expect(withoutComments(prompt)).toBe(rest));
