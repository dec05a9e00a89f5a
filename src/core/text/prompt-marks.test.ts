import { expect, it } from 'vitest';
import { promptMarks, weightedFragments } from './prompt-marks';

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

it('reads what a template chooses from as words: they are weighed, and change', () => {
  const prompt = '{(red:1.2)|2::blue} [cat:__animal__:0.5]';
  expect(promptMarks(prompt).map(({ kind, from, to }) => [kind, prompt.slice(from, to)])).toEqual([
    ['change', '[cat:__animal__:0.5]'],
  ]);
  const weighted = weightedFragments(prompt).filter((fragment) => fragment.kind === 'text' && fragment.weight !== 1);
  expect(weighted).toMatchObject([{ text: 'red', weight: 1.2 }]);
});
