import { ImageUpscale } from 'lucide-react';
import { Popover } from 'radix-ui';
import { MAX_SIDE } from '../../core/image/picture';
import type { Result } from '../../store/gallery/gallery';
import { paintResultLarger } from '../../store/jobs/sd-upscale';
import { upscaleResult } from '../../store/jobs/upscale';
import { texts } from '../../texts/stage';
import { IconButton } from '../components/icon-button';
import { MenuButton } from '../components/menu-button';
import { PopoverPanel } from '../components/popover-panel';
import { SdUpscale } from './sd-upscale';
import { UpscalerChoice, useUpscaler } from './upscaler-choice';
import './upscale-menu.css';

const FACTORS = [2, 4] as const;

/** Makes a finished picture larger, by a network or a filter. */
export function UpscaleMenu({ result }: { result: Result }) {
  const { width, height } = result.record;
  const { upscaler, networks } = useUpscaler();
  return (
    <Popover.Root>
      <Popover.Trigger asChild>
        <IconButton icon={ImageUpscale} label={texts.upscale} />
      </Popover.Trigger>
      <PopoverPanel label={texts.upscale} className="upscale-menu" align="end">
        <UpscalerChoice />
        {FACTORS.filter((factor) => Math.max(width, height) * factor <= MAX_SIDE).map((factor) => (
          <MenuButton
            key={factor}
            icon={ImageUpscale}
            text={texts.upscaleTo(factor, width * factor, height * factor)}
            onClick={() => void upscaleResult(result, factor, upscaler)}
          />
        ))}
        <section className="sd-upscale" aria-label={texts.sdUpscale}>
          <p className="settings-label">{texts.sdUpscale}</p>
          <SdUpscale size={result.record} onPaint={(factor) => void paintResultLarger(result, factor, upscaler)} />
        </section>
        {networks.length === 0 && <p className="upscale-note">{texts.filtersOnlyEnlarge}</p>}
      </PopoverPanel>
    </Popover.Root>
  );
}
