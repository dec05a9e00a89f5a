import { afterEach, expect, it } from 'vitest';
import { keepPreferences, unfoldNegative, usePreferences } from './preferences';

/** What the page wrote before the negative prompt could fold, and before there was a canvas. */
const OLD = '{"v":1,"value":{"theme":"dark","device":"wasm","resultsOpen":false}}';

afterEach(() => usePreferences.setState(usePreferences.getInitialState(), true));

it('reads what earlier versions wrote, and keeps whether the negative prompt is folded', () => {
  const disk = new Map([['easel.preferences', OLD]]);
  const storage = { getItem: (key: string) => disk.get(key) ?? null, setItem: disk.set.bind(disk) };
  const stop = keepPreferences(storage);
  const read = {
    theme: 'dark',
    device: 'wasm',
    resultsOpen: false,
    negativeOpen: false,
    sizeFollowsFrame: true,
    previewDecoders: {},
  };
  expect(usePreferences.getState()).toEqual(read);
  unfoldNegative(true);
  stop();
  usePreferences.setState(usePreferences.getInitialState(), true);
  keepPreferences(storage)();
  expect(usePreferences.getState()).toEqual({ ...read, negativeOpen: true });
});
