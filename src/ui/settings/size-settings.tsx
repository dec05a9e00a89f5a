import { ArrowLeftRight, Link2 } from 'lucide-react';
import { Tooltip } from 'radix-ui';
import { useId, useMemo } from 'react';
import { setSize, swapSize, toggleRatio, useSettings } from '../../store/settings/settings';
import { sizePresets } from '../../store/settings/sizes';
import { texts } from '../../texts/settings';
import { Hint } from '../components/hint';
import { IconButton } from '../components/icon-button';
import { FieldGroup } from './field-group';
import { SizeNote } from './size-note';
import './size-settings.css';

/** A rectangle of the ratio, fitted into the icon's box. */
function shapeOf(ratio: number) {
  const box = 18;
  return { width: box * Math.min(1, ratio), height: box * Math.min(1, 1 / ratio) };
}

/** Presets as little shapes, the two sides, swap and ratio lock. */
export function SizeSettings() {
  const id = useId();
  const width = useSettings(({ values }) => values.width);
  const height = useSettings(({ values }) => values.height);
  const ownWidth = useSettings(({ defaults }) => defaults.width);
  const ownHeight = useSettings(({ defaults }) => defaults.height);
  const locked = useSettings(({ ratio }) => ratio !== undefined);
  const presets = useMemo(() => sizePresets({ width: ownWidth, height: ownHeight }), [ownWidth, ownHeight]);
  return (
    <div className="settings-group">
      <div className="settings-row size-row">
        <span id={id} className="settings-label">
          {texts.size}
        </span>
        {/* biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as a row everywhere */}
        <div className="size-presets" role="group" aria-labelledby={id}>
          <div className="size-shapes">
            {presets.map((preset) => {
              const chosen = preset.width === width && preset.height === height;
              return (
                <Hint key={preset.name} text={`${preset.name} ${preset.width} × ${preset.height}`}>
                  <Tooltip.Trigger asChild>
                    <button
                      type="button"
                      className="size-preset"
                      aria-pressed={chosen}
                      aria-label={texts.sizePreset(preset.name, preset.width, preset.height)}
                      onClick={() => setSize(preset.width, preset.height)}
                    >
                      <span className="size-shape" style={shapeOf(preset.width / preset.height)} />
                    </button>
                  </Tooltip.Trigger>
                </Hint>
              );
            })}
          </div>
          <IconButton icon={ArrowLeftRight} label={texts.swapWidthAndHeight} onClick={swapSize} />
          <IconButton icon={Link2} label={texts.keepTheRatio} pressed={locked} onClick={toggleRatio} />
        </div>
      </div>
      <FieldGroup group="size" />
      <SizeNote />
    </div>
  );
}
