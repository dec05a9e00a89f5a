import { expect, it } from 'vitest';
import { bracesStopChanges, foreignSyntax, promptMarks, weightedFragments } from './prompt-marks';

it('says where comments, LoRAs and changes stand', () => {
  const prompt = 'a [cat|dog] <lora:moss:1> (fox:1.2) # [a|b]\n[x:2]';
  expect(promptMarks(prompt).map(({ kind, from, to }) => [kind, prompt.slice(from, to)])).toEqual([
    ['change', '[cat|dog]'],
    ['network', '<lora:moss:1>'],
    ['comment', '# [a|b]'],
    ['change', '[x:2]'],
  ]);
});

it('weighs what stands in brackets of emphasis, and nothing because it changes', () => {
  const prompt = '([cat:dog:0.5]:1.3) [less] # (hidden)';
  const weighted = weightedFragments(prompt).flatMap((fragment) =>
    fragment.kind === 'text' && fragment.weight !== 1
      ? [[prompt.slice(fragment.from, fragment.to), fragment.weight]]
      : [],
  );
  expect(weighted).toEqual([
    ['[cat:dog:0.5]', 1.3],
    ['less', 1 / 1.1],
  ]);
});

it('names what other programs mean something else by (ux 16)', () => {
  expect(foreignSyntax('a {red|blue} fox in __place__, __a/b-c__ and __place__ # {x|y}')).toEqual([
    '{red|blue}',
    '__place__',
    '__a/b-c__',
  ]);
  expect(bracesStopChanges('a {red|blue} [cat:dog:0.5]')).toBe(true);
  for (const prompt of ['a {red|blue} [cat]', 'a {red} [cat:dog:0.5]', '[a|b]'])
    expect(bracesStopChanges(prompt)).toBe(false);
  expect(foreignSyntax('a {red} fox, [a|b], __ and a__b')).toEqual([]);
});
