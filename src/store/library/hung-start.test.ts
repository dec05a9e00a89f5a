import { beforeEach, expect, it, vi } from 'vitest';
import { FakeStorage } from '../fixtures/fake-storage';
import { useNotices } from '../notices';
import { usePromptHistory } from '../settings/prompt-history';
import { changeSettings, resetSettings, useSettings } from '../settings/settings';
import { setPromptsAside, watchStart } from './hung-start';

let storage: FakeStorage;
let time: number;
const SECOND = 1000;

/** A page that is opened now and begins to show its form. */
function open() {
  const watch = watchStart(storage, () => ++time); // time passes between any two looks at the clock
  watch.begin();
  return watch;
}

beforeEach(() => {
  storage = new FakeStorage();
  time = 1_800_000_000_000;
});

it('knows that the last start hung, and says it once', () => {
  open(); // and never comes to its end
  time += 28 * SECOND;
  expect(open().hung).toBe(true);
  expect(open().hung).toBe(false);
});

it('is not alarmed by a start that came to its end, however long it took', () => {
  const first = open();
  time += 28 * SECOND;
  first.end();
  expect(open().hung).toBe(false);
});

it('is not alarmed by pages that are reloaded in the middle of their start, however often', () => {
  for (let i = 0; i < 20; i++) {
    const watch = open();
    expect(watch.hung).toBe(false);
    time += SECOND;
    watch.leave();
  }
});

it('is not alarmed by a second tab, nor by a browser that was killed a moment ago', () => {
  const first = open();
  time += 3 * SECOND;
  const second = open();
  expect(second.hung).toBe(false);
  first.end();
  second.end();
  time += 60 * SECOND;
  expect(open().hung).toBe(false);
});

it('is not misled by a stuck page that is reloaded in haste, nor by one that answers only when it is left', () => {
  for (let i = 0; i < 3; i++) {
    expect(open().hung).toBe(false);
    time += 4 * SECOND;
  }
  const last = open();
  expect(last.hung).toBe(true);
  time += 28 * SECOND;
  last.leave();
  expect(open().hung).toBe(true);
});

it('watches nothing where nothing can be kept', () => {
  storage.full = true;
  open();
  time += 28 * SECOND;
  expect(open().hung).toBe(false);
});

it('sets the prompts aside, from where they can be put back or copied', () => {
  resetSettings();
  useNotices.setState({ notices: [] });
  usePromptHistory.setState({ prompts: ['old'] });
  changeSettings({ prompt: '(a(a(a', negativePrompt: 'blurry', steps: 33 });
  const copy = vi.fn();
  setPromptsAside(copy);
  const { values } = useSettings.getState();
  expect(values).toMatchObject({ prompt: '', negativePrompt: '', steps: 33 });
  expect(usePromptHistory.getState().prompts).toEqual(['(a(a(a', 'blurry', 'old']);
  const [{ action, second, stays }] = useNotices.getState().notices;
  expect(stays).toBe(true);
  second?.run();
  expect(copy).toHaveBeenCalledWith('(a(a(a\nblurry');
  action?.run();
  expect(useSettings.getState().values).toEqual({ ...values, prompt: '(a(a(a', negativePrompt: 'blurry' });
});

it('says nothing where there was no prompt to hang on', () => {
  resetSettings();
  useNotices.setState({ notices: [] });
  setPromptsAside(() => undefined);
  expect(useNotices.getState().notices).toEqual([]);
});
