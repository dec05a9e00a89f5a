import { ImageUpscale } from 'lucide-react';
import { Popover } from 'radix-ui';
import { useShallow } from 'zustand/react/shallow';
import { MAX_SIDE } from '../../core/image/picture';
import type { PixelUpscaler } from '../../core/image/upscalers';
import type { Result } from '../../store/gallery/gallery';
import { upscaleResult } from '../../store/jobs/upscale';
import { type LibraryEntry, useLibrary } from '../../store/library/library';
import { chooseUpscaler, chosenUpscaler, upscalersOf } from '../../store/library/upscalers';
import { usePreferences } from '../../store/settings/preferences';
import { labelOfChoice } from '../../texts/fields';
import { texts } from '../../texts/stage';
import { GroupedSelect } from '../components/grouped-select';
import { IconButton } from '../components/icon-button';
import { MenuButton } from '../components/menu-button';
import { PopoverPanel } from '../components/popover-panel';
import { SdUpscale } from './sd-upscale';
import './upscale-menu.css';

const FACTORS = [2, 4] as const;

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

/** Makes a finished picture larger, by a network or a filter. */
export function UpscaleMenu({ result }: { result: Result }) {
  const { width, height } = result.record;
  const networks = useLibrary(useShallow(upscalersOf));
  const upscaler = chosenUpscaler(
    usePreferences((state) => state.upscaler),
    networks,
  );
  return (
    <Popover.Root>
      <Popover.Trigger asChild>
        <IconButton icon={ImageUpscale} label={texts.upscale} />
      </Popover.Trigger>
      <PopoverPanel label={texts.upscale} className="upscale-menu" align="end">
        <div className="settings-row">
          <span className="settings-label">{texts.upscaler}</span>
          <GroupedSelect
            label={texts.upscaler}
            value={upscaler}
            choices={choicesOf(networks)}
            onChange={chooseUpscaler}
          />
        </div>
        {FACTORS.filter((factor) => Math.max(width, height) * factor <= MAX_SIDE).map((factor) => (
          <MenuButton
            key={factor}
            icon={ImageUpscale}
            text={texts.upscaleTo(factor, width * factor, height * factor)}
            onClick={() => void upscaleResult(result, factor, upscaler)}
          />
        ))}
        <SdUpscale result={result} upscaler={upscaler} />
        {networks.length === 0 && <p className="upscale-note">{texts.filtersOnlyEnlarge}</p>}
      </PopoverPanel>
    </Popover.Root>
  );
}
