import { Grid2x2 } from 'lucide-react';
import { MAX_SIDE, type Size } from '../../core/image/picture';
import { useSettings } from '../../store/settings/settings';
import { texts } from '../../texts/stage';
import { MenuButton } from '../components/menu-button';
import { NumberControl } from '../components/number-control';

const FACTORS = [2, 4] as const;

/** How a picture is painted larger in tiles, and to which sizes. @param onPaint given the factor */
export function SdUpscale({ size: { width, height }, onPaint }: { size: Size; onPaint(factor: number): void }) {
  const tile = useSettings(({ defaults }) => `${defaults.width} × ${defaults.height}`);
  const factors = FACTORS.filter((factor) => Math.max(width, height) * factor <= MAX_SIDE);
  if (factors.length === 0) return <p className="upscale-note">{texts.largestAlready(MAX_SIDE)}</p>;
  return (
    <>
      <p className="upscale-note">{texts.sdUpscaleHint(tile)}</p>
      <NumberControl name="sdUpscaleStrength" />
      <NumberControl name="sdUpscaleOverlap" />
      {factors.map((factor) => (
        <MenuButton
          key={factor}
          icon={Grid2x2}
          text={texts.sdUpscaleTo(factor, width * factor, height * factor)}
          onClick={() => onPaint(factor)}
        />
      ))}
    </>
  );
}
