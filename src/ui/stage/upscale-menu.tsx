import { ImageUpscale } from 'lucide-react';
import { Popover } from 'radix-ui';
import { useShallow } from 'zustand/react/shallow';
import { MAX_SIDE } from '../../core/image/picture';
import { PIXEL_UPSCALERS, type PixelUpscaler } from '../../core/image/upscalers';
import type { Result } from '../../store/gallery/gallery';
import { upscaleResult } from '../../store/jobs/upscale';
import { type LibraryEntry, useLibrary } from '../../store/library/library';
import { chooseUpscaler, chosenUpscaler, upscalersOf } from '../../store/library/upscalers';
import { usePreferences } from '../../store/settings/preferences';
import { GroupedSelect } from '../components/grouped-select';
import { IconButton } from '../components/icon-button';
import { MenuButton } from '../components/menu-button';
import { PopoverPanel } from '../components/popover-panel';
import { SdUpscale } from './sd-upscale';
import './upscale-menu.css';

const FACTORS = [2, 4] as const;

const FILTERS: Readonly<Record<PixelUpscaler, string>> = {
  lanczos: 'A filter: smooth, quick, no new detail',
  nearest: 'Repeats pixels: for pixel art',
};

const choicesOf = (networks: readonly LibraryEntry[]) => [
  ...networks.map(({ record: { id, name } }) => ({ value: id, label: name, description: 'A network: adds detail' })),
  ...(Object.keys(FILTERS) as PixelUpscaler[]).map((id) => ({
    value: id,
    label: PIXEL_UPSCALERS[id].label,
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
        <IconButton icon={ImageUpscale} label="Upscale" />
      </Popover.Trigger>
      <PopoverPanel label="Upscale" className="upscale-menu" align="end">
        <div className="settings-row">
          <span className="settings-label">Upscaler</span>
          <GroupedSelect label="Upscaler" value={upscaler} choices={choicesOf(networks)} onChange={chooseUpscaler} />
        </div>
        {FACTORS.filter((factor) => Math.max(width, height) * factor <= MAX_SIDE).map((factor) => (
          <MenuButton
            key={factor}
            icon={ImageUpscale}
            text={`Upscale ${factor}× to ${width * factor} × ${height * factor}`}
            onClick={() => void upscaleResult(result, factor, upscaler)}
          />
        ))}
        <SdUpscale result={result} upscaler={upscaler} />
        {networks.length === 0 && (
          <p className="upscale-note">
            Filters only enlarge. For new detail, drop an upscaler (ESRGAN: .safetensors or .pth) on the page.
          </p>
        )}
      </PopoverPanel>
    </Popover.Root>
  );
}
