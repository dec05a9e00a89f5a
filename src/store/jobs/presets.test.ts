import 'fake-indexeddb/auto';
import { beforeEach, expect, it, vi } from 'vitest';
import {
  addStyles,
  chooseStyle,
  connectStyles,
  createStylesDb,
  deleteStyle,
  stylesFile,
  useStyles,
} from '../lists/styles';
import { useNotices } from '../notices';
import { openDatabase } from '../persistence/database';
import {
  addPresets,
  connectPresets,
  createPresetsDb,
  deletePreset,
  presetsFile,
  savePreset,
  takePreset,
  usePresets,
} from '../settings/presets';
import { changeSettings, resetSettings, useSettings } from '../settings/settings';
import { queue } from './jobs';
import { paint } from './paint';

const database = openDatabase();
const names = () => [...usePresets.getState().presets.keys()];
const last = () => useNotices.getState().notices.at(-1);
const values = () => useSettings.getState().values;

beforeEach(async () => {
  resetSettings();
  queue.clear();
  useNotices.setState({ notices: [] });
  useStyles.setState(useStyles.getInitialState(), true);
  usePresets.setState(usePresets.getInitialState(), true);
  await (await database.opened).clear('named');
});

it('keeps what the form says under a name, and fills the form with it again, with Undo', async () => {
  await connectPresets(createPresetsDb(database));
  useSettings.setState({ modelName: 'dream' });
  changeSettings({ prompt: 'a fox', steps: 33, cfgScale: 4, clipSkip: 2, seed: 7, batchCount: 3 });
  savePreset('mine', true);
  changeSettings({ prompt: 'an owl', steps: 5, cfgScale: 7, clipSkip: undefined, seed: 9 });
  const [preset] = usePresets.getState().presets.values();
  expect(preset).toMatchObject({ name: 'mine', model: 'dream', settings: { prompt: 'a fox', steps: 33, clipSkip: 2 } });
  takePreset(preset);
  expect(values()).toMatchObject({ prompt: 'a fox', steps: 33, cfgScale: 4, clipSkip: 2, seed: 9, batchCount: 3 });
  last()?.action?.run();
  expect(values()).toMatchObject({ prompt: 'an owl', steps: 5, cfgScale: 7 });
  await vi.waitFor(async () => expect([...(await createPresetsDb(database).all(() => undefined)).values()]).toEqual([preset])); // biome-ignore format: one thought
  deletePreset('mine');
  expect(names()).toEqual([]);
  last()?.action?.run();
  expect(names()).toEqual(['mine']);
});

it('leaves the prompt where a preset says none', () => {
  changeSettings({ prompt: '', steps: 12 });
  savePreset('steps', false);
  changeSettings({ prompt: 'an owl', steps: 5 });
  takePreset([...usePresets.getState().presets.values()][0]);
  expect(values()).toMatchObject({ prompt: 'an owl', steps: 12 });
});

it('comes back from a file as it was written, and names what cannot stand', async () => {
  changeSettings({ prompt: 'a fox', steps: 33 });
  savePreset('mine', false);
  const before = usePresets.getState().presets;
  const text = await presetsFile().text();
  usePresets.setState(usePresets.getInitialState(), true);
  await addPresets(new File([text], 'presets.json'));
  expect(usePresets.getState().presets).toEqual(before);
  await addPresets(new File([text.replace('"steps": 33', '"steps": 3300')], 'presets.json'));
  expect(last()?.details?.lines).toEqual(['mine: Steps']);
  await addPresets(new File(['{"easel":"presets","v":9}'], 'new.json'));
  expect(last()?.text).toBe('new.json: these are no presets of Easel.');
});

it('brings the chosen styles to what is painted, in their order; the form keeps its words', async () => {
  await connectStyles(createStylesDb(database));
  const csv = '\uFEFFname,prompt,negative_prompt\r\nfilm,"cinematic {prompt}, 35mm",cartoon\r\nink,ink wash,\r\n';
  await addStyles(new File([csv], 'styles.csv'));
  chooseStyle('ink', true);
  chooseStyle('film', true);
  changeSettings({ prompt: 'a fox', negativePrompt: 'blurry' });
  paint();
  expect(queue.state.waiting[0].children[0].request).toMatchObject({
    prompt: 'cinematic a fox, ink wash, 35mm',
    negativePrompt: 'blurry, cartoon',
  });
  expect(values().prompt).toBe('a fox');
  expect(await stylesFile().arrayBuffer()).toEqual(new TextEncoder().encode(csv).buffer);
  deleteStyle('film');
  expect(useStyles.getState().chosen).toEqual(['ink']);
  await vi.waitFor(async () => expect([...(await createStylesDb(database).all(() => undefined)).keys()]).toEqual(['ink'])); // biome-ignore format: one thought
});
