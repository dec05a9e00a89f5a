import { ChevronDown, WandSparkles } from 'lucide-react';
import { Popover } from 'radix-ui';
import { useState } from 'react';
import { COMMANDS, type CommandId } from '../../editor/commands';
import { canvas } from '../../store/canvas/canvas';
import { texts } from '../../texts/canvas';
import { texts as editor } from '../../texts/tools';
import { PopoverPanel } from '../components/popover-panel';
import { WholeNumber } from '../components/whole-number';

const KEYS: Readonly<Partial<Record<CommandId, string>>> = { 'invert-mask': texts.keysShiftV };

/** What can be done to mask, sketch and canvas at once. */
export function EditMenu() {
  const [pixels, setPixels] = useState(8);
  return (
    <Popover.Root>
      <Popover.Trigger className="button">
        <WandSparkles size={16} aria-hidden="true" />
        {texts.edit}
        <ChevronDown size={14} aria-hidden="true" />
      </Popover.Trigger>
      <PopoverPanel label={texts.edit} className="canvas-menu" align="end">
        {COMMANDS.map((command) => (
          <Popover.Close asChild key={command.id}>
            <button
              type="button"
              className="button"
              onClick={() => canvas.command(command.id, 'amount' in command ? pixels : undefined)}
            >
              {'amount' in command
                ? texts.commandBy(editor.commands[command.id], Math.min(pixels, command.amount.max))
                : editor.commands[command.id]}
              {KEYS[command.id] && <kbd>{KEYS[command.id]}</kbd>}
            </button>
          </Popover.Close>
        ))}
        <WholeNumber label={texts.pixels} min={1} max={128} sliderMax={64} value={pixels} onChange={setPixels} />
      </PopoverPanel>
    </Popover.Root>
  );
}
