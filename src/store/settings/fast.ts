import { create } from 'zustand';
import { type FieldName, SAMPLER_FIELDS } from '../../core/request/fields';
import type { GenerationRequest, ModelDefaults } from '../../core/request/request';
import { changeSettings, picked, unset, useSettings } from './settings';

/** What "Fast" changes, as it was before. Not kept on the disk: on a later visit, off means the model's defaults. */
const useBefore = create<{ values?: Partial<GenerationRequest> }>(() => ({}));

/**
 * Turns painting in few steps on, with the settings that its LoRA was trained for, or off, with the settings from
 * before.
 * @param fast the model's own settings for it (`ModelInfo.fast`).
 */
export function setFast(on: boolean, fast: ModelDefaults): void {
  const { values, defaults } = useSettings.getState();
  const names = [...SAMPLER_FIELDS, ...(Object.keys(fast) as FieldName[]), 'schedule' as const];
  if (on) {
    useBefore.setState({ values: picked(values, names) });
    // A sampler's options and the schedule are meant for the sampler before.
    changeSettings({ ...unset(SAMPLER_FIELDS), schedule: 'automatic', ...fast, fast: true });
  } else {
    changeSettings({ ...picked(defaults, names), ...useBefore.getState().values, fast: undefined });
    useBefore.setState({ values: undefined });
  }
}
