import { ArrowLeftRight, Palette } from 'lucide-react';
import { Popover, Tooltip } from 'radix-ui';
import { colourOfHex, hexOf } from '../../editor/tools/hex-colour';
import { canvas } from '../../store/canvas/canvas';
import { Hint } from '../components/hint';
import { IconButton } from '../components/icon-button';
import { PopoverPanel } from '../components/popover-panel';
import { useCanvas } from './use-canvas';

/** A painter's first box: black to white, then around the circle, with earth and skin. */
const PALETTE: readonly [name: string, colour: string][] = [
  ['Black', '#000000'],
  ['Grey', '#7f7f7f'],
  ['White', '#ffffff'],
  ['Red', '#d92b2b'],
  ['Orange', '#f08a24'],
  ['Yellow', '#f5d327'],
  ['Green', '#3d9a3a'],
  ['Sky blue', '#6db7e8'],
  ['Blue', '#2451c4'],
  ['Purple', '#7a3fb0'],
  ['Brown', '#7a4a21'],
  ['Skin', '#e8b998'],
];

/** The colour in hand, the one that X swaps it with, and a palette. */
export function ColourOptions() {
  const colour = useCanvas((state) => state.colour);
  const other = useCanvas((state) => state.otherColour);
  return (
    <div className="canvas-colours">
      <input
        className="canvas-colour"
        type="color"
        aria-label="Colour"
        value={hexOf(colour)}
        onChange={(event) => canvas.setColour(colourOfHex(event.currentTarget.value))}
      />
      <IconButton
        icon={ArrowLeftRight}
        label={`Swap with ${hexOf(other)} (X)`}
        style={{ color: hexOf(other) }}
        onClick={canvas.swap}
      />
      <Popover.Root>
        <Popover.Trigger asChild>
          <IconButton icon={Palette} label="Palette" />
        </Popover.Trigger>
        <PopoverPanel label="Palette" className="canvas-palette">
          {PALETTE.map(([name, hex]) => (
            <Hint key={hex} text={name}>
              <Tooltip.Trigger asChild>
                <Popover.Close
                  className="canvas-swatch"
                  aria-label={name}
                  aria-pressed={hex === hexOf(colour)}
                  style={{ background: hex }}
                  onClick={() => canvas.setColour(colourOfHex(hex))}
                />
              </Tooltip.Trigger>
            </Hint>
          ))}
        </PopoverPanel>
      </Popover.Root>
    </div>
  );
}
