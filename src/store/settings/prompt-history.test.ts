import { beforeEach, expect, it } from 'vitest';
import { FakeStorage, fakeDocument } from '../fixtures/fake-storage';
import { persistPromptHistory, rememberPrompt, usePromptHistory } from './prompt-history';

let storage: FakeStorage;
const prompts = () => usePromptHistory.getState().prompts;
const lying = () => JSON.parse(storage.getItem('easel.prompts') ?? '').value;
/** What another tab left on the disk meanwhile. */
const elsewhere = (...others: unknown[]) => storage.setItem('easel.prompts', JSON.stringify({ v: 1, value: others }));

beforeEach(() => {
  storage = new FakeStorage();
  usePromptHistory.setState({ prompts: [] });
});

it('keeps each prompt once, newest first', () => {
  const stop = persistPromptHistory(storage);
  for (const prompt of ['a fox', 'a cat', ' ', 'a fox']) rememberPrompt(prompt);
  stop();
  expect(lying()).toEqual(['a fox', 'a cat']);
});

it('reads what it can of a history and starts anew where there is none', () => {
  elsewhere('a fox', 7, null, 'a cat');
  persistPromptHistory(storage)();
  expect(prompts()).toEqual(['a fox', 'a cat']);
  usePromptHistory.setState({ prompts: [] });
  storage.setItem('easel.prompts', '{"v":1,"value":{"length":2}}');
  persistPromptHistory(storage)();
  expect(prompts()).toEqual([]);
});

it('is joined with that of another tab', () => {
  elsewhere('old');
  const document = fakeDocument();
  const stop = persistPromptHistory(storage);
  elsewhere('hist one', 'old');
  rememberPrompt('hist two');
  expect(lying()).toEqual(['hist two', 'hist one', 'old']);
  document.show();
  expect(prompts()).toEqual(['hist two', 'hist one', 'old']);
  // One that is painted again moves up there, too.
  elsewhere('hist three', ...prompts());
  rememberPrompt('old');
  expect(lying()).toEqual(['old', 'hist three', 'hist two', 'hist one']);
  stop();
});

it('is joined after a full storage kept several prompts out', () => {
  elsewhere('old');
  const stop = persistPromptHistory(storage);
  storage.full = true;
  rememberPrompt('one');
  rememberPrompt('two');
  storage.full = false;
  elsewhere('other', 'old');
  rememberPrompt('three');
  expect(lying()).toEqual(['three', 'two', 'one', 'other', 'old']);
  stop();
});
