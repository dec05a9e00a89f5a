import { ArrowLeftRight, Palette } from 'lucide-react';
import { Popover, Tooltip } from 'radix-ui';
import { colourOfHex, hexOf } from '../../editor/tools/hex-colour';
import { canvas } from '../../store/canvas/canvas';
import { texts } from '../../texts/canvas';
import { Hint } from '../components/hint';
import { IconButton } from '../components/icon-button';
import { PopoverPanel } from '../components/popover-panel';
import { useCanvas } from './use-canvas';

/** A painter's first box: black to white, then around the circle, with earth and skin. */
const PALETTE: readonly [name: string, colour: string][] = [
  [texts.black, '#000000'],
  [texts.grey, '#7f7f7f'],
  [texts.white, '#ffffff'],
  [texts.red, '#d92b2b'],
  [texts.orange, '#f08a24'],
  [texts.yellow, '#f5d327'],
  [texts.green, '#3d9a3a'],
  [texts.skyBlue, '#6db7e8'],
  [texts.blue, '#2451c4'],
  [texts.purple, '#7a3fb0'],
  [texts.brown, '#7a4a21'],
  [texts.skin, '#e8b998'],
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
        aria-label={texts.colour}
        value={hexOf(colour)}
        onChange={(event) => canvas.setColour(colourOfHex(event.currentTarget.value))}
      />
      <IconButton
        icon={ArrowLeftRight}
        label={texts.swapWith(hexOf(other))}
        style={{ color: hexOf(other) }}
        onClick={canvas.swap}
      />
      <Popover.Root>
        <Popover.Trigger asChild>
          <IconButton icon={Palette} label={texts.palette} />
        </Popover.Trigger>
        <PopoverPanel label={texts.palette} className="canvas-palette">
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
