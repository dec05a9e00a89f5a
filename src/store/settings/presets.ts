import * as v from 'valibot';
import { create } from 'zustand';
import { EaselError, said } from '../../core/errors';
import { fieldNames } from '../../core/request/fields';
import { type GenerationRequest, readRequest } from '../../core/request/request';
import { errorText } from '../../texts/errors';
import { texts as fieldTexts } from '../../texts/fields';
import { texts } from '../../texts/studio';
import { changeNamed, type NamedChange, takeUpNamed } from '../lists/keep-named';
import { createNamedDb, type NamedDb } from '../lists/named-db';
import { notify, undoBy } from '../notices';
import type { Database } from '../persistence/database';
import { changeWithUndo, currentRequest, replaceSettings, settleSettings, useSettings } from './settings';

/** A named set of settings. */
export interface Preset {
  name: string;
  /** The model that it is for; for all where left out. */
  model?: string;
  /** Without the seed; the prompts only where they are not empty. */
  settings: Partial<GenerationRequest>;
}

/** The person's presets, by their names, in the order of those. */
export const usePresets = create<{ presets: ReadonlyMap<string, Preset> }>(() => ({ presets: new Map() }));

let db: NamedDb<Preset> | undefined;

const PresetSchema = v.object({
  name: v.pipe(v.string(), v.minLength(1), v.maxLength(200)),
  model: v.optional(v.string()),
  settings: v.record(v.string(), v.unknown()),
});
const RecordSchema = v.object({ v: v.literal(1), ...PresetSchema.entries });
const FileSchema = v.object({ easel: v.literal('presets'), v: v.literal(1), presets: v.array(PresetSchema) });

/** Of the settings that were stored, those that Easel has; one that cannot stand is left out. */
function presetFrom(
  { name, model, settings }: v.InferOutput<typeof PresetSchema>,
  onBroken = (_: string) => {},
): Preset {
  const read: GenerationRequest = readRequest(settings, (field) => onBroken(`${name}: ${fieldTexts[field].label}`));
  const said = fieldNames().filter((field) => settings[field] !== undefined && read[field] === settings[field]);
  return {
    name,
    ...(model !== undefined && { model }),
    settings: Object.fromEntries(said.map((field) => [field, read[field]])),
  };
}

/** The presets' place on the disk. */
export const createPresetsDb = (database: Database): NamedDb<Preset> =>
  createNamedDb(database, {
    kind: 'preset',
    write: (preset) => ({ v: 1, ...preset }),
    read: (record) => {
      const read = v.safeParse(RecordSchema, record);
      return read.success ? presetFrom(read.output) : undefined;
    },
  });

/** Takes up the presets of earlier visits and keeps every change from now on. */
export async function connectPresets(database: NamedDb<Preset>): Promise<void> {
  db = database;
  const earlier = await takeUpNamed(database, 'preset', texts.presetsUnread);
  show(new Map([...earlier, ...usePresets.getState().presets]));
}

function show(presets: ReadonlyMap<string, Preset>): void {
  const sorted = [...presets].sort(([a], [b]) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
  usePresets.setState({ presets: new Map(sorted) });
}

function change(changes: Iterable<NamedChange<Preset>>): void {
  show(changeNamed(usePresets.getState().presets, changes, { db, kind: 'preset', labelOf: texts.thePreset }));
}

/** What a preset leaves to the moment. */
const MOMENT = ['seed', 'variationSeed', 'batchCount', 'template', 'negativeTemplate'];

/** Keeps what the form says under a name; a preset of that name is replaced, which can be undone. */
export function savePreset(name: string, forModel: boolean): void {
  const state = useSettings.getState();
  const said = Object.entries(currentRequest(state)).filter(
    ([field, value]) => !MOMENT.includes(field) && value !== '',
  );
  const model = forModel ? state.modelName : undefined;
  const preset = { name, ...(model !== undefined && { model }), settings: Object.fromEntries(said) };
  const before = usePresets.getState().presets.get(name);
  change([[name, preset]]);
  notify(
    texts.savedPreset(name),
    undoBy(() => change([[name, before]])),
  );
}

/** Fills the form with a preset's settings, which can be undone; the prompts stay where it says none. */
export function takePreset({ name, settings }: Preset): void {
  const { prompt, negativePrompt, seed, batchCount } = useSettings.getState().values;
  changeWithUndo(texts.tookPreset(name), () => {
    replaceSettings({ prompt, negativePrompt, seed, batchCount, ...settings });
    settleSettings();
  });
}

/** Deletes a preset, and offers to take it back. */
export function deletePreset(name: string): void {
  const preset = usePresets.getState().presets.get(name);
  if (!preset) return;
  change([[name, undefined]]);
  notify(
    texts.deletedPreset(name),
    undoBy(() => change([[name, preset]])),
  );
}

/** All presets as a file. */
export function presetsFile(): Blob {
  const presets = [...usePresets.getState().presets.values()];
  return new Blob([JSON.stringify({ easel: 'presets', v: 1, presets }, undefined, 2)], { type: 'application/json' });
}

/** Whether a text is a file of presets, of whatever version. */
export const isPresets = (text: string): boolean => /^\s*\{\s*"easel"\s*:\s*"presets"/.test(text);

/** Adds the presets in a file, in place of those of the same names; settings that cannot stand are named. */
export async function addPresets(file: File): Promise<void> {
  try {
    const read = v.safeParse(FileSchema, JSON.parse(await file.text()));
    if (!read.success) throw new EaselError('unsupported', said`${texts.noPresets}`);
    const broken: string[] = [];
    const presets = read.output.presets.map((preset) => presetFrom(preset, (label) => broken.push(label)));
    const { presets: known } = usePresets.getState();
    const before = presets.map(({ name }) => [name, known.get(name)] as const);
    change(presets.map((preset) => [preset.name, preset] as const));
    notify(
      texts.addedPresets(presets.length),
      undoBy(() => change(before)),
      { details: { summary: texts.notTaken(broken.length), lines: broken } },
    );
  } catch (thrown) {
    notify(texts.brokenList(file.name, errorText(thrown)));
  }
}
