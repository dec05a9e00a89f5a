import { afterEach, beforeEach, expect, it } from 'vitest';
import { useEngine } from '../engine';
import { connectEngine } from '../engine-port';
import { FakeEngine, fakePicture } from '../fixtures/fake-engine';
import { resetJobs } from '../fixtures/reset-jobs';
import { reuseSettings } from '../gallery/gallery';
import { takeSettings } from '../imports/take-settings';
import { saveWildcard, useWildcards } from '../lists/wildcards';
import { useNotices } from '../notices';
import { usePromptHistory } from '../settings/prompt-history';
import { changeSettings, firstProblem, resetSettings, useSettings } from '../settings/settings';
import { queue } from './jobs';
import { paint, paintWalk } from './paint';

const waiting = () => queue.state.waiting.flatMap(({ children }) => children);
const problem = () => firstProblem(useSettings.getState())?.reason;

beforeEach(() => {
  connectEngine(new FakeEngine());
  useEngine.setState(useEngine.getInitialState(), true);
  resetJobs();
  resetSettings();
  useNotices.setState({ notices: [] });
  useWildcards.setState(useWildcards.getInitialState(), true);
  saveWildcard('animal', Array.from({ length: 50 }, (_, i) => `animal ${i}`).join('\n'));
});

afterEach(() => useWildcards.setState(useWildcards.getInitialState(), true));

it('chooses for each picture of a batch by its seed, the same again for the same seed', () => {
  changeSettings({ prompt: 'a __animal__', negativePrompt: '{dark|light|grey}', seed: 7, batchCount: 3 });
  paint();
  const batch = waiting().map(({ request }) => request);
  expect(new Set(batch.map(({ prompt }) => prompt)).size).toBe(3);
  for (const { prompt, template, negativePrompt, negativeTemplate } of batch) {
    expect(prompt).toMatch(/^a animal \d+$/);
    expect(template).toBe('a __animal__');
    expect(negativePrompt).toMatch(/^(dark|light|grey)$/);
    expect(negativeTemplate).toBe('{dark|light|grey}');
  }
  expect(queue.state.waiting[0].parent.request.prompt).toBe('a __animal__');
  expect(usePromptHistory.getState().prompts[0]).toBe('a __animal__');
  // The third alone, by its own seed.
  changeSettings({ seed: 9, batchCount: 1 });
  paint();
  expect(waiting()[3].request.prompt).toBe(batch[2].prompt);
});

it('leaves a prompt that is no template as it is, and says nothing of one', () => {
  changeSettings({ prompt: 'a fox, [a|b]' });
  paint();
  expect(waiting()[0].request).toMatchObject({ prompt: 'a fox, [a|b]' });
  expect(waiting()[0].request).not.toHaveProperty('template');
});

it('resolves both ends of a walk', () => {
  changeSettings({ seed: 1 });
  paintWalk({ prompt: '{a|b}' }, { prompt: '__animal__' }, 2);
  const [first, last] = waiting();
  expect(first.request.prompt).toMatch(/^[ab]$/);
  expect(last.mix?.prompt).toMatch(/^animal \d+$/);
});

it('says in a sentence what is missing, and queues nothing', () => {
  changeSettings({ prompt: 'a fox in __place__' });
  expect(problem()).toMatch('There is no wildcard “place”.');
  expect(paint()).toBe(false);
  saveWildcard('place', 'the snow');
  expect(problem()).toBeUndefined();
});

it('says in a sentence that lists go on without end, and leaves the form as it is', () => {
  saveWildcard('loop', 'a __loop__');
  changeSettings({ prompt: '__loop__' });
  paint();
  expect(waiting()).toEqual([]);
  expect(useNotices.getState().notices.at(-1)?.text).toMatch('The wildcard “loop” names itself without end.');
  expect(useSettings.getState().values.prompt).toBe('__loop__');
});

it('waits for the lists of earlier visits', async () => {
  useWildcards.setState({ loading: true });
  changeSettings({ prompt: '__late__' });
  expect(problem()).toBeUndefined();
  paint();
  expect(waiting()).toEqual([]);
  saveWildcard('late', 'comet');
  useWildcards.setState({ loading: false });
  await expect.poll(() => waiting().map(({ request }) => request.prompt)).toEqual(['comet']);
});

it('waits for no list where the prompt can name none, as beside a tab that holds the database', () => {
  useWildcards.setState({ loading: true });
  changeSettings({ prompt: 'a fox' });
  paint();
  expect(waiting().map(({ request }) => request.prompt)).toEqual(['a fox']);
});

it('takes the prompt of a picture into the form, or the template that it was chosen from', () => {
  const { request, ...picture } = fakePicture(3);
  const record = { v: 1, id: 'a', number: 1, paintedAt: 1, picture: 'h', model: 'm', ...picture } as const;
  reuseSettings({ record: { ...record, request: { ...request, prompt: 'an owl', template: '__animal__' } } });
  expect(useSettings.getState().values).toMatchObject({ prompt: 'an owl' });
  expect(useSettings.getState().values.template).toBeUndefined();
  useNotices.getState().notices.at(-1)?.second?.run();
  expect(useSettings.getState().values).toMatchObject({ prompt: '__animal__', negativePrompt: request.negativePrompt });
  takeSettings({ request: { prompt: 'a fox', template: 'a {fox|owl}' }, ignored: [] }, 'x.png');
  expect(useSettings.getState().values).toMatchObject({ prompt: 'a fox' });
  expect(useSettings.getState().values.template).toBeUndefined();
  useNotices.getState().notices.at(-1)?.second?.run();
  expect(useSettings.getState().values.prompt).toBe('a {fox|owl}');
});
