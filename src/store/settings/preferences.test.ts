import { afterEach, expect, it } from 'vitest';
import { FakeStorage } from '../fixtures/fake-storage';
import { PREFERENCES_SLOT, persistPreferences, unfoldNegative, usePreferences } from './preferences';

/** What the page wrote before the negative prompt could fold, and before there was a canvas. */
const OLD = '{"v":1,"value":{"theme":"dark","device":"wasm","resultsOpen":false}}';

afterEach(() => usePreferences.setState(usePreferences.getInitialState(), true));

it('reads what earlier versions wrote, and keeps whether the negative prompt is folded', () => {
  const storage = new FakeStorage();
  storage.setItem(PREFERENCES_SLOT.key, OLD);
  const stop = persistPreferences(storage);
  const read = {
    theme: 'dark',
    device: 'wasm',
    onnxruntimeKernels: false,
    resultsOpen: false,
    negativeOpen: false,
    sizeFollowsFrame: true,
    previewDecoders: {},
    maskColour: '#ff4040',
    maskLook: 'hatch',
    firstModel: { dismissed: false },
    exportFormat: 'jpeg',
    exportQuality: 90,
    namePattern: '[date]-[seed]-[prompt]',
    saveFormat: 'png',
    persistence: 'not-asked',
  };
  expect(usePreferences.getState()).toEqual(read);
  unfoldNegative(true);
  stop();
  usePreferences.setState(usePreferences.getInitialState(), true);
  persistPreferences(storage)();
  expect(usePreferences.getState()).toEqual({ ...read, negativeOpen: true });
});

it('loses a broken preference and nothing else', () => {
  const storage = new FakeStorage();
  const kept = {
    ...usePreferences.getInitialState(),
    theme: 'dark',
    resultsOpen: false,
    previewDecoders: { sd: 'taesd' },
  };
  for (const name of Object.keys(kept)) {
    storage.setItem(PREFERENCES_SLOT.key, JSON.stringify({ v: 1, value: { ...kept, [name]: { broken: true } } }));
    usePreferences.setState(usePreferences.getInitialState(), true);
    persistPreferences(storage)();
    const initial = usePreferences.getInitialState()[name as keyof typeof kept];
    expect(usePreferences.getState()).toEqual({ ...kept, [name]: initial });
  }
});
