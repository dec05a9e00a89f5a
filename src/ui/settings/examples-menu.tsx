import { Lightbulb } from 'lucide-react';
import { Popover } from 'radix-ui';
import { useState } from 'react';
import { useEngine } from '../../store/engine';
import { texts } from '../../texts/settings';
import { PopoverPanel } from '../components/popover-panel';
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
        {texts.examples}
      </Popover.Trigger>
      <PopoverPanel label={texts.examples} align="start">
        <ExamplePrompts onPick={() => setOpen(false)} />
      </PopoverPanel>
    </Popover.Root>
  );
}
