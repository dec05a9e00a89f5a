import { create } from 'zustand';
import type { GenerationRequest, ModelDefaults } from '../../core/request/request';
import { changeSettings, UNTUNED, useSettings } from './settings';

/** What "Fast" changes, as it was before. Not kept on the disk: on a later visit, off means the model's defaults. */
const useBefore = create<{ values?: Partial<GenerationRequest> }>(() => ({}));

/**
 * Turns painting in few steps on, with the settings that its LoRA was trained for, or off, with the settings from
 * before.
 * @param fast the model's own settings for it (`ModelInfo.fast`).
 */
export function setFast(on: boolean, fast: ModelDefaults): void {
  const { values, defaults } = useSettings.getState();
  const names = [...Object.keys({ ...UNTUNED, ...fast }), 'schedule'] as (keyof GenerationRequest)[];
  const of = (request: Partial<GenerationRequest>): Partial<GenerationRequest> =>
    Object.fromEntries(names.map((name) => [name, request[name]]));
  if (on) {
    useBefore.setState({ values: of(values) });
    // A sampler's options and the schedule are meant for the sampler before.
    changeSettings({ ...UNTUNED, schedule: 'automatic', ...fast, fast: true });
  } else {
    changeSettings({ ...of(defaults), ...useBefore.getState().values, fast: undefined });
    useBefore.setState({ values: undefined });
  }
}
