import { useShallow } from 'zustand/react/shallow';
import type { PixelUpscaler } from '../../core/image/upscalers';
import { type LibraryEntry, useLibrary } from '../../store/library/library';
import { chooseUpscaler, chosenUpscaler, upscalersOf } from '../../store/library/upscalers';
import { usePreferences } from '../../store/settings/preferences';
import { labelOfChoice } from '../../texts/fields';
import { texts } from '../../texts/stage';
import { GroupedSelect } from '../components/grouped-select';

const FILTERS: Readonly<Record<PixelUpscaler, string>> = {
  lanczos: texts.lanczos,
  nearest: texts.nearest,
};

const choicesOf = (networks: readonly LibraryEntry[]) => [
  ...networks.map(({ record: { id, name } }) => ({ value: id, label: name, description: texts.network })),
  ...(Object.keys(FILTERS) as PixelUpscaler[]).map((id) => ({
    value: id,
    label: labelOfChoice('hiresUpscaler', id),
    description: FILTERS[id],
  })),
];

/** What enlarges pictures, and the networks among which it was chosen. */
export function useUpscaler() {
  const networks = useLibrary(useShallow(upscalersOf));
  const chosen = usePreferences((state) => state.upscaler);
  return { upscaler: chosenUpscaler(chosen, networks), networks };
}

/** The choice of what enlarges pictures: a network or a filter. */
export function UpscalerChoice() {
  const { upscaler, networks } = useUpscaler();
  return (
    <div className="settings-row">
      <span className="settings-label">{texts.upscaler}</span>
      <GroupedSelect label={texts.upscaler} value={upscaler} choices={choicesOf(networks)} onChange={chooseUpscaler} />
    </div>
  );
}
