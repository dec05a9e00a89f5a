import { ChevronDown, WandSparkles } from 'lucide-react';
import { Popover } from 'radix-ui';
import { useState } from 'react';
import { COMMANDS, type CommandId } from '../../editor/commands';
import { canvas } from '../../store/canvas/canvas';
import { PopoverPanel } from '../components/popover-panel';
import { WholeNumber } from '../components/whole-number';

const KEYS: Readonly<Partial<Record<CommandId, string>>> = { 'invert-mask': 'Shift+V' };

/** What can be done to mask, sketch and canvas at once. */
export function EditMenu() {
  const [pixels, setPixels] = useState(8);
  return (
    <Popover.Root>
      <Popover.Trigger className="button">
        <WandSparkles size={16} aria-hidden="true" />
        Edit
        <ChevronDown size={14} aria-hidden="true" />
      </Popover.Trigger>
      <PopoverPanel label="Edit" className="canvas-menu" align="end">
        {COMMANDS.map((command) => (
          <Popover.Close asChild key={command.id}>
            <button
              type="button"
              className="button"
              onClick={() => canvas.command(command.id, 'amount' in command ? pixels : undefined)}
            >
              {command.label}
              {'amount' in command && ` by ${Math.min(pixels, command.amount.max)} px`}
              {KEYS[command.id] && <kbd>{KEYS[command.id]}</kbd>}
            </button>
          </Popover.Close>
        ))}
        <WholeNumber label="Pixels" min={1} max={128} sliderMax={64} value={pixels} onChange={setPixels} />
      </PopoverPanel>
    </Popover.Root>
  );
}
