import { Keyboard, X } from 'lucide-react';
import { Dialog } from 'radix-ui';
import { useEffect, useState } from 'react';
import { TOOLS } from '../../editor/tools/gesture';
import { IconButton } from '../components/icon-button';
import { isTextField } from '../components/text-field';
import './shortcuts-help.css';

type Shortcut = readonly [keys: string, what: string];

const GROUPS: Readonly<Record<string, readonly Shortcut[]>> = {
  Everywhere: [
    ['Ctrl Enter', 'Generate, or queue one more'],
    ['Esc', 'Cancel the picture; again, everything'],
    ['Ctrl Z', 'Undo what the last message tells of'],
    ['?', 'This list'],
  ],
  Prompt: [
    ['Ctrl ↑ ↓', 'Weight of the word or the selection'],
    ['Alt ↑ ↓', 'Earlier prompts'],
  ],
  Numbers: [
    ['↑ ↓', 'One step'],
    ['Shift ↑ ↓', 'Ten steps'],
    ['Alt ↑ ↓', 'A tenth of a step'],
    ['Double-click', 'Back to the default'],
  ],
  Results: [
    ['← → ↑ ↓', 'Another picture'],
    ['Home End', 'Newest, oldest'],
    ['Delete', 'Delete the picture'],
  ],
  'Canvas tools': TOOLS.map(({ key, label }) => [key.toUpperCase(), label] as const),
  Canvas: [
    ['[ ]', 'Brush size'],
    ['X', 'Swap brush and eraser, or the two colours'],
    ['M', 'Hide or show the mask'],
    ['Shift V', 'Invert the mask'],
    ['Alt', 'While drawing a shape: take away'],
    ['Space', 'Hold to move the view'],
    ['+ −', 'Zoom'],
    ['0 1', 'Fit, actual size'],
    ['Ctrl Z', 'Undo; with Shift, redo'],
  ],
};

/** All shortcuts, by a button and by "?". */
export function ShortcutsHelp() {
  const [open, setOpen] = useState(false);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== '?' || event.defaultPrevented || isTextField(event.target)) return;
      event.preventDefault();
      setOpen(true);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
  return (
    <Dialog.Root open={open} onOpenChange={setOpen}>
      <Dialog.Trigger asChild>
        <IconButton className="shortcuts-button" icon={Keyboard} label="Keyboard shortcuts (?)" />
      </Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Overlay className="shortcuts-ground" />
        <Dialog.Content
          className="shortcuts"
          aria-describedby={undefined}
          onOpenAutoFocus={(event) => {
            event.preventDefault();
            (event.currentTarget as HTMLElement).focus();
          }}
          // The hint of its button would take the Escape for itself.
          onKeyDown={({ key }) => key === 'Escape' && setOpen(false)}
        >
          <div className="shortcuts-head">
            <Dialog.Title>Keyboard shortcuts</Dialog.Title>
            <Dialog.Close asChild>
              <IconButton icon={X} label="Close" />
            </Dialog.Close>
          </div>
          <div className="shortcuts-groups">
            {Object.entries(GROUPS).map(([title, shortcuts]) => (
              <section key={title}>
                <h3>{title}</h3>
                <dl>
                  {shortcuts.map(([keys, what]) => (
                    <div key={what}>
                      <dt>
                        <kbd>{keys}</kbd>
                      </dt>
                      <dd>{what}</dd>
                    </div>
                  ))}
                </dl>
              </section>
            ))}
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
