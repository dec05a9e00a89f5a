import { beforeEach, describe, expect, it } from 'vitest';
import { readSlot } from './persisted';
import {
  adoptModel,
  changeSettings,
  currentRequest,
  defaultOf,
  firstProblem,
  keepSettings,
  numberOf,
  reasonAgainst,
  resetSettings,
  SETTINGS_SLOT,
  setNumber,
  setSampler,
  toggleRatio,
  typeNumber,
  useSettings,
} from './settings';

const state = () => useSettings.getState();

beforeEach(resetSettings);

describe('a number field', () => {
  it('keeps what cannot stand as it was typed, with its reason', () => {
    typeNumber('width', '7');
    expect(state().drafts.width).toBe('7');
    expect(state().values.width).toBe(512);
    expect(reasonAgainst('width', state().drafts)).toBe('Width must be at least 64.');
    typeNumber('steps', '0');
    expect(firstProblem(state())).toEqual({ name: 'steps', reason: 'Steps must be at least 1.' });
  });

  it.each(['', 'abc', 'NaN', '1e999'])('refuses %j as a CFG scale', (text) => {
    typeNumber('cfgScale', text);
    expect(reasonAgainst('cfgScale', state().drafts)).toBe('CFG scale must be a number.');
  });

  it('refuses a seed of 2^32 and takes the one below', () => {
    typeNumber('seed', '4294967296');
    expect(reasonAgainst('seed', state().drafts)).toBe('Seed must be at most 4294967295.');
    typeNumber('seed', '4294967295');
    expect(state().drafts).toEqual({});
    expect(state().values.seed).toBe(4294967295);
  });

  it('takes a decimal comma', () => {
    typeNumber('cfgScale', '7,5');
    expect(state().values.cfgScale).toBe(7.5);
  });
});

describe('eta', () => {
  it('is the sampler’s own until it is set, and is sent only to samplers that read it', () => {
    setSampler('euler_a');
    expect(numberOf('eta', state())).toBe(1);
    setNumber('eta', 0.5);
    expect(currentRequest(state()).eta).toBe(0.5);
    setSampler('ddim');
    expect(numberOf('eta', state())).toBe(0);
    setSampler('dpmpp_2m');
    expect('eta' in currentRequest(state())).toBe(false);
  });
});

describe('a tied size', () => {
  it('moves the partner along, in multiples of 8', () => {
    changeSettings({ width: 512, height: 768 });
    toggleRatio();
    setNumber('width', 256);
    expect(state().values).toMatchObject({ width: 256, height: 384 });
    setNumber('height', 400);
    expect(state().values).toMatchObject({ width: 264, height: 400 });
  });
});

describe('a model', () => {
  it('that is the first leaves what was chosen while it was loading', () => {
    changeSettings({ steps: 50 });
    adoptModel('Starter', { steps: 25, width: 256, height: 256, sampler: 'ddim', eta: 0 });
    expect(state().values).toMatchObject({ steps: 50, width: 256, sampler: 'ddim', eta: 0 });
  });

  it('that replaces another brings its own values, and leaves the words and the seed', () => {
    adoptModel('Other', {});
    changeSettings({ prompt: 'a fox', seed: 7, steps: 50 });
    adoptModel('Starter', { steps: 25, width: 256, height: 256, sampler: 'ddim', eta: 0 });
    expect(state().values).toMatchObject({ prompt: 'a fox', seed: 7, steps: 25, width: 256, sampler: 'ddim' });
    expect(defaultOf('steps', state())).toBe(25);
  });

  it('that was there before leaves what was changed since', () => {
    adoptModel('Starter', { steps: 25 });
    changeSettings({ steps: 40 });
    adoptModel('Starter', { steps: 30 });
    expect(state().values.steps).toBe(40);
    expect(defaultOf('steps', state())).toBe(30);
  });
});

describe('settings on the disk', () => {
  const memory = () => {
    const kept = new Map<string, string>();
    return {
      kept,
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, text: string) => kept.set(key, text),
    };
  };

  it('survive a reload, wrong fields included', () => {
    const storage = memory();
    const stop = keepSettings(storage);
    changeSettings({ prompt: 'a fox', steps: 33 });
    typeNumber('width', '7');
    stop();
    resetSettings();
    keepSettings(storage)();
    expect(state()).toMatchObject({ values: { prompt: 'a fox', steps: 33 }, drafts: { width: '7' } });
  });

  it('of version 1 are read for ever', () => {
    // Frozen as version 1 wrote it; a later version adds its migration and leaves this text alone.
    const values =
      '{"prompt":"a fox","negativePrompt":"","sampler":"ddim","schedule":"automatic","steps":25,"cfgScale":5,"seed":-1,"width":256,"height":256,"batchCount":1,"eta":0}';
    const text = `{"v":1,"value":{"values":${values},"drafts":{"steps":"x"},"defaults":${values},"modelName":"Easel Starter","ratio":1}}`;
    const read = readSlot(SETTINGS_SLOT, { getItem: () => text, setItem: () => {} });
    expect(read).toMatchObject({ values: { prompt: 'a fox', steps: 25 }, drafts: { steps: 'x' }, ratio: 1 });
  });

  it.each(['nonsense', '{}', '{"v":99,"value":{}}', '{"v":1,"value":{"values":{"steps":"many"}}}'])(
    'that cannot be read (%s) give way to the defaults',
    (text) => {
      expect(readSlot(SETTINGS_SLOT, { getItem: () => text, setItem: () => {} })).toBeUndefined();
    },
  );
});
