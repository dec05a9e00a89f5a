import { Eye, EyeOff, Layers } from 'lucide-react';
import { Popover } from 'radix-ui';
import type { LayerId } from '../../editor/document/document';
import { canvas } from '../../store/canvas/canvas';
import { setMaskOverlay } from '../../store/canvas/mask-overlay';
import { usePreferences } from '../../store/settings/preferences';
import { PopoverPanel } from '../components/popover-panel';
import { Segments } from '../components/segments';
import { useCanvas } from './use-canvas';

/** From the top to the ground. */
const LAYERS: readonly { id: LayerId; label: string; key?: string }[] = [
  { id: 'mask', label: 'Mask', key: 'M' },
  { id: 'sketch', label: 'Sketch' },
  { id: 'picture', label: 'Picture' },
];

/** Of each hue one that is seldom in pictures. */
const MASK_COLOURS: readonly [name: string, hex: string][] = [
  ['Red', '#ff4040'],
  ['Yellow', '#ffd400'],
  ['Green', '#2ee66b'],
  ['Cyan', '#25d0ff'],
  ['Blue', '#4060ff'],
  ['Magenta', '#ff3df0'],
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
      <Popover.Trigger className="button canvas-layers" aria-label={hides ? 'Layers, some hidden' : 'Layers'}>
        <Icon size={16} aria-hidden="true" />
        <span className="canvas-layers-name">Layers</span>
      </Popover.Trigger>
      <PopoverPanel label="Layers" className="canvas-menu" align="end">
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
        <p className="canvas-note">What is hidden is still used when you generate.</p>
        <Segments
          label="Look of the mask"
          value={look}
          choices={{ hatch: 'Hatched', tint: 'Tinted' }}
          onChange={(maskLook) => setMaskOverlay({ maskLook })}
        />
        <fieldset className="canvas-mask-colours" aria-label="Colour of the mask">
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
