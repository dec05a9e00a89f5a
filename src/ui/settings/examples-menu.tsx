import { Lightbulb } from 'lucide-react';
import { Popover } from 'radix-ui';
import { useState } from 'react';
import { useEngine } from '../../store/engine';
import { ExamplePrompts } from './example-prompts';

/** Prompts to begin with, in a place of their own, so that nothing moves while the prompt is emptied and typed. */
export function ExamplesMenu() {
  const [open, setOpen] = useState(false);
  const offers = useEngine(({ model }) => (model?.info.examples?.length ?? 0) > 0);
  if (!offers) return null;
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger className="examples-button">
        <Lightbulb size={14} aria-hidden="true" />
        Examples
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className="popover" sideOffset={6} collisionPadding={8} align="start" aria-label="Examples">
          <ExamplePrompts onPick={() => setOpen(false)} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
