import { Grid2x2 } from 'lucide-react';
import { Popover } from 'radix-ui';
import { paintFrameLarger } from '../../store/jobs/sd-upscale';
import { texts } from '../../texts/stage';
import { showView } from '../app/show-view';
import { PopoverPanel } from '../components/popover-panel';
import { SdUpscale } from '../stage/sd-upscale';
import { UpscalerChoice, useUpscaler } from '../stage/upscaler-choice';
import { useCanvas } from './use-canvas';
import '../stage/upscale-menu.css';

/** Paints what the frame shows larger in tiles, with the form's words; it comes with the results. */
export function FrameUpscale() {
  const { frame } = useCanvas(({ document }) => document);
  const { upscaler } = useUpscaler();
  const paint = (factor: number) => {
    if (paintFrameLarger(factor, upscaler)) showView('paint');
  };
  return (
    <Popover.Root>
      <Popover.Trigger className="button">
        <Grid2x2 size={16} aria-hidden="true" />
        {texts.sdUpscale}
      </Popover.Trigger>
      <PopoverPanel label={texts.sdUpscale} className="upscale-menu" align="end">
        <UpscalerChoice />
        <SdUpscale size={frame} onPaint={paint} />
      </PopoverPanel>
    </Popover.Root>
  );
}
