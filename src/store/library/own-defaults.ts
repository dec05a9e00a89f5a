import { MODEL_FIELDS, type ModelDefaults } from '../../core/request/request';
import { texts } from '../../texts/store';
import { useEngine } from '../engine';
import { notify } from '../notices';
import { adoptModel, currentRequest, picked, useSettings } from '../settings/settings';
import { changeChoices, entryOf } from './library';

/** Has the open model start with the settings of the form from now on; those before can be put back. */
export async function keepAsDefaults(id: string): Promise<void> {
  const settings = picked(currentRequest(useSettings.getState()), MODEL_FIELDS);
  const set = Object.entries(settings).filter(([, value]) => value !== undefined);
  await changeDefaults(id, Object.fromEntries(set), texts.startsWithCurrent);
}

/** Has a model start with its own settings again. */
export function resetDefaults(id: string): Promise<void> {
  return changeDefaults(id, undefined, texts.startsWithOwn);
}

async function changeDefaults(
  id: string,
  defaults: ModelDefaults | undefined,
  told: (name: string) => string,
): Promise<void> {
  const record = entryOf(id)?.record;
  if (!record) return;
  await applyDefaults(id, defaults);
  notify(told(record.name), { label: texts.undo, run: () => void applyDefaults(id, record.choices?.defaults) });
}

/** The open model's form knows them at once: they are what a double-click returns to. */
async function applyDefaults(id: string, ownDefaults: ModelDefaults | undefined): Promise<void> {
  const { model } = useEngine.getState();
  if (model?.id === id) {
    adoptModel(model.info.name, { ...model.info.defaults, ...ownDefaults });
    useEngine.setState({ model: { ...model, ownDefaults } });
  }
  await changeChoices(id, { defaults: ownDefaults });
}
