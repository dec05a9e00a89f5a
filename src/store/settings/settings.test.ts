import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { create } from 'zustand';
import { DEFAULT_REQUEST, type GenerationRequest } from '../../core/request/request';
import { translateMarked } from '../../texts/marked';
import { translate } from '../../texts/section';
import { FakeStorage, fakeDocument } from '../fixtures/fake-storage';
import { useNotices } from '../notices';
import { persistSlot, readSlot } from '../persistence/persisted';
import { persistModelSettings, useModelSettings } from './model-settings';
import {
  adoptModel,
  changeSettings,
  currentRequest,
  defaultOf,
  draftError,
  expectModel,
  firstProblem,
  leaveNumber,
  persistSettings,
  replaceSettings,
  resetSettings,
  SETTINGS_SLOT,
  type SettingsState,
  setField,
  toggleRatio,
  typeNumber,
  useSettings,
  valueIn,
} from './settings';

const state = () => useSettings.getState();

beforeEach(() => {
  resetSettings();
  useModelSettings.setState({ byModel: {} });
});

describe('a number field', () => {
  it('keeps what cannot stand as it was typed, with its reason', () => {
    typeNumber('width', '7');
    expect(state().drafts.width).toBe('7');
    expect(state().values.width).toBe(512);
    expect(draftError('width', state().drafts)).toBe('Width must be at least 16.');
    typeNumber('steps', '0');
    expect(firstProblem(state())).toEqual({ name: 'steps', reason: 'Steps must be at least 1.' });
  });

  it.each(['', 'abc', 'NaN', '1e999'])('refuses %j as a CFG scale', (text) => {
    typeNumber('cfgScale', text);
    expect(draftError('cfgScale', state().drafts)).toBe('CFG scale must be a number.');
  });

  it('gives its reason in the page’s language, in which it is called there', () => {
    typeNumber('steps', '0');
    translate(translateMarked);
    expect(draftError('steps', state().drafts)).toBe('⟦⟦Steps⟧ must be at least 1.⟧');
    translate((_name, english) => english);
    expect(draftError('steps', state().drafts)).toBe('Steps must be at least 1.');
  });

  it('refuses a seed of 2^32 and takes the one below', () => {
    typeNumber('seed', '4294967296');
    expect(draftError('seed', state().drafts)).toBe('Seed must be at most 4294967295.');
    typeNumber('seed', '4294967295');
    expect(state().drafts).toEqual({});
    expect(state().values.seed).toBe(4294967295);
  });

  it.each([
    ['width', '250', 248],
    ['height', '300', 304],
    ['steps', '20,5', 21],
  ] as const)('of %s goes from %s to the nearest number when it is left (ux 28)', (name, text, nearest) => {
    typeNumber(name, text);
    expect(state().drafts).toEqual({ [name]: text });
    leaveNumber(name);
    expect(state().drafts).toEqual({});
    expect(valueIn(name, state())).toBe(nearest);
  });

  it('keeps what is out of bounds or no number when it is left', () => {
    for (const [name, text] of [['width', '10'], ['steps', '1001.5'], ['cfgScale', 'abc'], ['seed', '']] as const) {
      typeNumber(name, text);
      leaveNumber(name);
      expect(state().drafts[name]).toBe(text);
    } // biome-ignore format: one thought
  });

  it('takes a decimal comma', () => {
    typeNumber('cfgScale', '7,5');
    expect(state().values.cfgScale).toBe(7.5);
  });
});

describe('eta', () => {
  it('is the sampler’s own until it is set, and is sent only to samplers that read it', () => {
    setField('sampler', 'euler_a');
    expect(valueIn('eta', state())).toBe(1);
    setField('eta', 0.5);
    expect(currentRequest(state()).eta).toBe(0.5);
    setField('sampler', 'ddim');
    expect(valueIn('eta', state())).toBe(0);
    setField('sampler', 'dpmpp_2m');
    expect('eta' in currentRequest(state())).toBe(false);
  });
});

describe('settings that were made together', () => {
  it('leave nothing of what was set before', () => {
    changeSettings({ clipSkip: 2, maskBlur: 9, discardPenultimate: true, quantise: true });
    typeNumber('sigmaMax', 'much');
    const made = { ...DEFAULT_REQUEST, prompt: 'a fox', sampler: 'ddim', eta: 0.5 } as const;
    replaceSettings(made);
    expect(state()).toMatchObject({ drafts: {} });
    expect(state().values).toEqual(made);
  });
});

describe('a tied size', () => {
  it('moves the partner along, in multiples of 8', () => {
    changeSettings({ width: 512, height: 768 });
    toggleRatio();
    setField('width', 256);
    expect(state().values).toMatchObject({ width: 256, height: 384 });
    setField('height', 400);
    expect(state().values).toMatchObject({ width: 264, height: 400 });
  });
});

describe('a model', () => {
  it('that is the first leaves what was chosen while it was loading', () => {
    changeSettings({ steps: 50 });
    adoptModel('Starter', { steps: 25, width: 256, height: 256, sampler: 'ddim', eta: 0 });
    expect(state().values).toMatchObject({ steps: 50, width: 256, sampler: 'ddim', eta: 0 });
  });

  it('that was expected changes nothing; another in its place brings its own values, and leaves what was chosen', () => {
    const expected = { steps: 20, width: 256, height: 256, sampler: 'ddim', eta: 0 } as const;
    expect(expectModel(expected)).toBe(true);
    changeSettings({ steps: 50 });
    const before = state().values;
    adoptModel('Starter', expected);
    expect(state().values).toEqual(before);
    expect(expectModel({ steps: 9 })).toBe(false);
    resetSettings();
    changeSettings({ prompt: 'a fox' });
    expect(expectModel(expected)).toBe(true);
    changeSettings({ steps: 50 });
    adoptModel('Other', { width: 64 });
    expect(state().values).toEqual({ ...DEFAULT_REQUEST, prompt: 'a fox', steps: 50, width: 64, eta: undefined });
  });

  it('that was expected on a visit that ended too early leaves what was set, and does not begin the form anew', () => {
    expectModel({ steps: 20 });
    changeSettings({ steps: 33 });
    expect(expectModel({ steps: 20 })).toBe(false);
    expect(state().values.steps).toBe(33);
    resetSettings();
    typeNumber('width', '7');
    expect(expectModel({ steps: 20 })).toBe(false);
  });

  it('that replaces another brings its own values, and leaves the words and the seed', () => {
    adoptModel('Other', {});
    changeSettings({ prompt: 'a fox', seed: 7, steps: 50 });
    adoptModel('Starter', { steps: 25, width: 256, height: 256, sampler: 'ddim', eta: 0 });
    expect(state().values).toMatchObject({ prompt: 'a fox', seed: 7, steps: 25, width: 256, sampler: 'ddim' });
    expect(defaultOf('steps', state())).toBe(25);
  });

  it('that comes back has its settings as they were left, on a later visit too', () => {
    const starter = { steps: 25, width: 256, height: 256, sampler: 'ddim' } as const;
    const storage = new FakeStorage();
    const stop = persistModelSettings(storage);
    adoptModel('Starter', starter);
    changeSettings({ prompt: 'a fox', seed: 7, steps: 50, hires: true });
    adoptModel('Other', { steps: 9 });
    expect(state().values).toMatchObject({ prompt: 'a fox', steps: 9 });
    expect(state().values.hires).toBeUndefined();
    changeSettings({ prompt: 'an owl' });
    stop();
    useModelSettings.setState({ byModel: {} });
    persistModelSettings(storage)();
    adoptModel('Starter', { ...starter, width: 512 });
    // What was never changed follows the model.
    expect(state().values).toMatchObject({ prompt: 'an owl', seed: 7, steps: 50, hires: true, width: 512, sampler: 'ddim' }); // biome-ignore format: one line
    expect(defaultOf('steps', state())).toBe(25);
    storage.setItem('easel.model-settings', JSON.stringify({ v: 1, value: { Other: { steps: 0, cfgScale: 3, seed: 4 }, Odd: 7 } })); // biome-ignore format: one line
    persistModelSettings(storage)();
    adoptModel('Other', { steps: 9 });
    expect(state().values).toMatchObject({ steps: 9, cfgScale: 3, seed: 7 });
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
  let storage: FakeStorage;

  beforeEach(() => {
    storage = new FakeStorage();
    useNotices.setState({ notices: [] });
  });

  /** What a page finds that is opened now. */
  const reload = () => {
    resetSettings();
    persistSettings(storage)();
    return state();
  };

  /** What lies on the disk, with one field of the form as given. */
  const withField = (name: string, value: unknown) =>
    storage.kept.set(
      SETTINGS_SLOT.key,
      JSON.stringify({ v: 1, value: { values: { ...DEFAULT_REQUEST, prompt: 'a fox', steps: 33, [name]: value } } }),
    );

  it('survive a reload, wrong fields included', () => {
    const stop = persistSettings(storage);
    changeSettings({ prompt: 'a fox', steps: 33 });
    typeNumber('width', '7');
    stop();
    expect(reload()).toMatchObject({ values: { prompt: 'a fox', steps: 33 }, drafts: { width: '7' } });
  });

  it('of version 1 are read for ever', () => {
    // Frozen as version 1 wrote it; a later version adds its migration and leaves this text alone.
    const values =
      '{"prompt":"a fox","negativePrompt":"","sampler":"ddim","schedule":"automatic","steps":25,"cfgScale":5,"seed":-1,"width":256,"height":256,"batchCount":1,"eta":0}';
    const text = `{"v":1,"value":{"values":${values},"drafts":{"steps":"x"},"defaults":${values},"modelName":"Easel Starter","ratio":1}}`;
    storage.setItem(SETTINGS_SLOT.key, text);
    expect(reload()).toMatchObject({ values: { prompt: 'a fox', steps: 25 }, drafts: { steps: 'x' }, ratio: 1 });
  });

  it('with every field, as the version before the table of settings wrote them, are read for ever', () => {
    // Frozen on 2026-11-29.
    const values =
      '{"prompt":"a fox","negativePrompt":"blurry","sampler":"unipc","schedule":"karras","steps":33,"cfgScale":5.5,"seed":7,"width":640,"height":768,"batchCount":3,"sNoise":1.01,"order":2,"clipSkip":2,"guidanceRescale":0.5,"guidanceStart":0.1,"guidanceEnd":0.9,"classifierScale":3,"etaNoiseSeedDelta":31337,"sigmaMin":0.1,"sigmaMax":12,"rho":5,"betaAlpha":0.5,"betaBeta":0.7,"denoisingStrength":0.5,"maskBlur":9,"inpaintPadding":64,"unipcVariant":"bh2","varianceType":"fixed_large","noiseSource":"nv","resizeMode":"latent-resize","posterior":"sample","maskMode":"not-masked","maskedContent":"latent-noise","inpaintArea":"only-masked","inpaintWay":"diffusers","fast":true,"discardPenultimate":false,"quantise":true,"exactSteps":true,"softMask":true}';
    const defaults =
      '{"prompt":"","negativePrompt":"","sampler":"unipc","schedule":"automatic","steps":12,"cfgScale":7,"seed":-1,"width":512,"height":512,"batchCount":1,"guidanceRescale":0.7}';
    const text = `{"v":1,"value":{"values":${values},"defaults":${defaults},"drafts":{"maskBlur":"much"},"modelName":"SD 1.5","ratio":0.8333333333333334}}`;
    storage.setItem(SETTINGS_SLOT.key, text);
    const { values: read, defaults: standard, ...others } = reload();
    expect(read).toEqual(JSON.parse(values));
    expect(standard).toEqual(JSON.parse(defaults));
    expect(others).toEqual({
      drafts: { maskBlur: 'much' },
      modelName: 'SD 1.5',
      ratio: 0.8333333333333334,
      suited: {},
    });
    expect(useNotices.getState().notices).toEqual([]);
  });

  it.each<[string, Partial<GenerationRequest>, string]>([
    ['guidance', { guidanceStart: 0.9, guidanceEnd: 0.1 }, 'Guidance start must not come after guidance end.'],
    ['too few steps for PLMS', { sampler: 'plms', steps: 1 }, 'PLMS needs at least 2 steps.'],
    ['too few steps for Restart', { sampler: 'restart', steps: 1 }, 'Restart needs at least 2 steps.'],
    ['sigmas', { sigmaMin: 2, sigmaMax: 1 }, 'Schedule min sigma must be less than schedule max sigma.'],
    [
      'a sampler with its own levels',
      { sampler: 'dpm_fast', schedule: 'karras' },
      'DPM fast places its own noise levels: its schedule must be Automatic.',
    ],
  ])('that clash come back with their message: %s', (_, clash, message) => {
    const stop = persistSettings(storage);
    changeSettings({ prompt: 'a long and precious prompt', ...clash });
    stop();
    expect(reload().values).toMatchObject({ prompt: 'a long and precious prompt', ...clash });
    expect(firstProblem(state())).toEqual({ reason: message });
    expect(useNotices.getState().notices).toEqual([]);
  });

  it.each<[keyof GenerationRequest, unknown, string]>([
    ['prompt', { text: 'a fox' }, 'Prompt'],
    ['cfgScale', 'many', 'CFG scale'],
    ['width', 7, 'Width'],
    ['sampler', 'constructor', 'Sampler'],
    ['schedule', 7, 'Schedule type'],
    ['unipcVariant', 'bh3', 'UniPC variant'],
    ['fast', 'yes', 'Fast'],
  ])('lose one broken field and say which: %s', (name, value, label) => {
    withField(name, value);
    const { values } = reload();
    const others = { ...DEFAULT_REQUEST, prompt: 'a fox', steps: 33 };
    expect(values).toEqual({ ...others, [name]: DEFAULT_REQUEST[name] });
    expect(useNotices.getState().notices.map(({ text }) => text)).toEqual([
      `Could not be read from the last visit, and back at the default: ${label}.`,
    ]);
  });

  it('lose any combination of broken fields and nothing else', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...Object.keys(DEFAULT_REQUEST)), fc.jsonValue()), (broken) => {
        const values = { ...DEFAULT_REQUEST, eta: 0.5, ...broken };
        storage.setItem(SETTINGS_SLOT.key, JSON.stringify({ v: 1, value: { values, ratio: 2 } }));
        const read = reload();
        expect(read).toMatchObject({ ratio: 2, values: { eta: 0.5 } });
        for (const name of Object.keys(DEFAULT_REQUEST) as (keyof GenerationRequest)[])
          if (!(name in broken)) expect(read.values[name]).toBe(DEFAULT_REQUEST[name]);
      }),
    );
  });

  it.each(['nonsense', '{}', 'null', '{"v":99,"value":{}}', '{"v":1,"value":[]}', '{"v":1,"value":7}'])(
    'that cannot be read at all (%s) give way to the defaults',
    (text) => {
      storage.setItem(SETTINGS_SLOT.key, text);
      expect(readSlot(SETTINGS_SLOT, storage)).toBeUndefined();
      expect(reload()).toEqual(useSettings.getInitialState());
    },
  );
});

describe('settings in two tabs', () => {
  const storage = new FakeStorage();
  const start = useSettings.getInitialState();

  beforeEach(() => storage.kept.clear());

  const tab = () => {
    const document = fakeDocument();
    const store = create<SettingsState>(() => start);
    persistSlot(SETTINGS_SLOT, store, storage);
    const change = (values: Partial<GenerationRequest>) =>
      store.setState((state) => ({ values: { ...state.values, ...values } }));
    return { document, store, change };
  };
  const lying = () => readSlot(SETTINGS_SLOT, storage);

  it('keep what was typed in one and set in the other', () => {
    const [a, b] = [tab(), tab()];
    a.change({ prompt: 'a fox' });
    b.change({ steps: 33 });
    expect(lying()?.values).toMatchObject({ prompt: 'a fox', steps: 33 });
    a.document.show();
    b.document.show();
    for (const { store } of [a, b]) expect(store.getState().values).toMatchObject({ prompt: 'a fox', steps: 33 });
  });

  it('let a right number in one take the place of a wrong one in the other', () => {
    const [a, b] = [tab(), tab()];
    a.store.setState({ drafts: { width: '7' } });
    expect(lying()?.drafts).toEqual({ width: '7' });
    b.change({ width: 256 });
    expect(lying()).toMatchObject({ values: { width: 256 }, drafts: {} });
  });

  it('take over no values that suit another model, but the words and the seed', () => {
    const [a, b] = [tab(), tab()];
    a.store.setState({ modelName: 'Small' });
    b.store.setState({ modelName: 'Large' });
    b.change({ prompt: 'a fox', seed: 7, width: 1024, sampler: 'ddim' });
    a.document.show();
    expect(a.store.getState()).toMatchObject({
      modelName: 'Small',
      values: { ...start.values, prompt: 'a fox', seed: 7 },
    });
  });
});
