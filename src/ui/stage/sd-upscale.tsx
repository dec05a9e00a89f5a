import { Grid2x2 } from 'lucide-react';
import { MAX_SIDE } from '../../core/image/picture';
import type { Result } from '../../store/gallery/gallery';
import { paintResultLarger } from '../../store/jobs/sd-upscale';
import { useSettings } from '../../store/settings/settings';
import { texts } from '../../texts/stage';
import { MenuButton } from '../components/menu-button';
import { NumberControl } from '../components/number-control';

const FACTORS = [2, 4] as const;

/** Paints a picture larger in tiles. @param upscaler what enlarges it first */
export function SdUpscale({ result, upscaler }: { result: Result; upscaler: string }) {
  const { width, height } = result.record;
  const tile = useSettings(({ defaults }) => `${defaults.width} × ${defaults.height}`);
  const factors = FACTORS.filter((factor) => Math.max(width, height) * factor <= MAX_SIDE);
  if (factors.length === 0) return null;
  return (
    <section className="sd-upscale" aria-label={texts.sdUpscale}>
      <p className="settings-label">{texts.sdUpscale}</p>
      <p className="upscale-note">{texts.sdUpscaleHint(tile)}</p>
      <NumberControl name="sdUpscaleStrength" />
      <NumberControl name="sdUpscaleOverlap" />
      {factors.map((factor) => (
        <MenuButton
          key={factor}
          icon={Grid2x2}
          text={texts.sdUpscaleTo(factor, width * factor, height * factor)}
          onClick={() => void paintResultLarger(result, factor, upscaler)}
        />
      ))}
    </section>
  );
}
