import { Eye, EyeOff, Layers } from 'lucide-react';
import { Popover } from 'radix-ui';
import type { LayerId } from '../../editor/document/document';
import { canvas } from '../../store/canvas/canvas';
import { setMaskOverlay } from '../../store/canvas/mask-overlay';
import { usePreferences } from '../../store/settings/preferences';
import { texts } from '../../texts/canvas';
import { PopoverPanel } from '../components/popover-panel';
import { Segments } from '../components/segments';
import { useCanvas } from './use-canvas';

/** From the top to the ground. */
const LAYERS: readonly { id: LayerId; label: string; key?: string }[] = [
  { id: 'mask', label: texts.mask, key: 'M' },
  { id: 'sketch', label: texts.sketch },
  { id: 'picture', label: texts.picture },
];

/** Of each hue one that is seldom in pictures. */
const MASK_COLOURS: readonly [name: string, hex: string][] = [
  [texts.red, '#ff4040'],
  [texts.yellow, '#ffd400'],
  [texts.green, '#2ee66b'],
  [texts.cyan, '#25d0ff'],
  [texts.blue, '#4060ff'],
  [texts.magenta, '#ff3df0'],
];

/** Which layers are seen, and how the mask is. */
export function LayersMenu() {
  const hidden = useCanvas((state) => state.hidden);
  const colour = usePreferences((state) => state.maskColour);
  const look = usePreferences((state) => state.maskLook);
  const hides = LAYERS.some(({ id }) => hidden[id]);
  const Icon = hides ? EyeOff : Layers;
  return (
    <Popover.Root>
      <Popover.Trigger className="button canvas-layers" aria-label={hides ? texts.layersSomeHidden : texts.layers}>
        <Icon size={16} aria-hidden="true" />
        <span className="canvas-layers-name">{texts.layers}</span>
      </Popover.Trigger>
      <PopoverPanel label={texts.layers} className="canvas-menu" align="end">
        {LAYERS.map(({ id, label, key }) => (
          <button
            key={id}
            type="button"
            className="button"
            aria-pressed={!hidden[id]}
            onClick={() => canvas.hideLayer(id, !hidden[id])}
          >
            {hidden[id] ? <EyeOff size={16} aria-hidden="true" /> : <Eye size={16} aria-hidden="true" />}
            {label}
            {key && <kbd>{key}</kbd>}
          </button>
        ))}
        <p className="canvas-note">{texts.hiddenIsUsed}</p>
        <Segments
          label={texts.lookOfTheMask}
          value={look}
          choices={{ hatch: texts.hatched, tint: texts.tinted }}
          onChange={(maskLook) => setMaskOverlay({ maskLook })}
        />
        <fieldset className="canvas-mask-colours" aria-label={texts.colourOfTheMask}>
          {MASK_COLOURS.map(([name, hex]) => (
            <button
              key={hex}
              type="button"
              className="canvas-swatch"
              aria-label={name}
              aria-pressed={hex === colour}
              style={{ background: hex }}
              onClick={() => setMaskOverlay({ maskColour: hex })}
            />
          ))}
        </fieldset>
      </PopoverPanel>
    </Popover.Root>
  );
}
