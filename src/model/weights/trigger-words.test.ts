import { expect, it } from 'vitest';
import { triggerWords } from './trigger-words';

it('takes the phrases that the maker states', () => {
  const ss_tag_frequency = JSON.stringify({ '10_moss': { forest: 10 } });
  expect(triggerWords({ 'modelspec.trigger_phrase': ' mossy stone, moss man ,', ss_tag_frequency })).toEqual([
    'mossy stone',
    'moss man',
  ]);
});

it('else takes the tags that most pictures of a set have, each set by itself', () => {
  const counts = { '10_anna': { anna: 40, smile: 20, hat: 19 }, '3_bob': { bob: 6, smile: 5, dog: 1 } };
  // "smile" is on 20 of 40 and on 5 of 6 pictures; "hat" and "dog" on fewer than half.
  expect(triggerWords({ ss_tag_frequency: JSON.stringify(counts) })).toEqual(['anna', 'bob', 'smile']);
});

it('leaves out sentences, and what no one would look through', () => {
  const counts = Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`tag ${at}`, 100 - at]));
  const caption = 'a very long caption that describes the picture in a whole sentence, and then goes on'.replace(
    ',',
    '',
  );
  const words = triggerWords({ ss_tag_frequency: JSON.stringify({ set: { [caption]: 100, ...counts } }) });
  expect(words).toHaveLength(20);
  expect(words[0]).toBe('tag 0');
});

it('gives none for a file that says nothing, or nothing that can be read', () => {
  for (const ss_tag_frequency of [undefined, '', '{', '[1]', '{"set": 3}', '{"set": {"tag": "many"}}', 'null'])
    expect(triggerWords({ ss_tag_frequency })).toEqual([]);
  expect(triggerWords({ 'modelspec.trigger_phrase': ' , ' })).toEqual([]);
});
