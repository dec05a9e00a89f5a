import * as v from 'valibot';
import { create } from 'zustand';
import { type FieldName, fieldError, fieldNames } from '../../core/request/fields';
import type { GenerationRequest } from '../../core/request/request';
import { texts } from '../../texts/store';
import { fieldsOf, type KeyValueStorage, mergedFields, persistSlot, type Slot } from '../persistence/persisted';

type Settings = Partial<GenerationRequest>;

interface ModelSettings {
  /** By the model's name, that of the last one last: how its form was left, as far as that was not as it starts. */
  byModel: Readonly<Record<string, Settings>>;
}

export const useModelSettings = create<ModelSettings>(() => ({ byModel: {} }));

/** More models than anyone goes back to. */
const MOST = 50;

/** What stays in the form when another model comes is no model's. */
const OF_MODELS = fieldNames(({ belongsTo }) => belongsTo !== 'person');

const MODEL_SETTINGS_SLOT: Slot<ModelSettings> = {
  key: 'easel.model-settings',
  label: texts.theSettings,
  v: 1,
  migrations: {},
  parse: (value) => ({
    byModel: Object.fromEntries(
      Object.entries(fieldsOf(value)).map(([model, settings]) => [model, standing(v.parse(RECORD, settings))]),
    ),
  }),
  format: ({ byModel }) => byModel,
  merge: mergedFields,
};

const RECORD = v.fallback(v.record(v.string(), v.unknown()), {});

/** Those of some settings that can stand alone. */
const standing = (settings: Readonly<Record<string, unknown>>): Settings =>
  Object.fromEntries(
    OF_MODELS.filter((name) => isStanding(name, settings[name])).map((name) => [name, settings[name]]),
  );

const isStanding = (name: FieldName, value: unknown) => value !== undefined && fieldError(name, value) === undefined;

/** Takes up what earlier visits left and keeps it from now on. @returns what ends it */
export function persistModelSettings(storage: KeyValueStorage): () => void {
  return persistSlot(MODEL_SETTINGS_SLOT, useModelSettings, storage);
}

/** Another model comes: how the form of the one before was left, by what it starts with. */
export function leaveSettings(model: string, values: GenerationRequest, defaults: GenerationRequest): void {
  const changed = OF_MODELS.filter((name) => values[name] !== undefined && values[name] !== defaults[name]);
  useModelSettings.setState(({ byModel: { [model]: _, ...others } }) => {
    const left = [...Object.entries(others), [model, Object.fromEntries(changed.map((name) => [name, values[name]]))]];
    return { byModel: Object.fromEntries(left.slice(-MOST)) };
  });
}

/** How a model's form was left last; empty where it was as it starts. */
export const lastSettings = (model: string): Settings => useModelSettings.getState().byModel[model] ?? {};
