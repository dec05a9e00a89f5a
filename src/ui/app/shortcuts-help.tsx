import { Keyboard } from 'lucide-react';
import { Dialog } from 'radix-ui';
import { useEffect, useState } from 'react';
import { TOOLS } from '../../editor/tools/gesture';
import { texts } from '../../texts/app';
import { texts as editor } from '../../texts/tools';
import { DialogSheet } from '../components/dialog-sheet';
import { IconButton } from '../components/icon-button';
import { isTextField } from '../components/text-field';
import './shortcuts-help.css';

type Shortcut = readonly [keys: string, what: string];

const GROUPS: Readonly<Record<string, readonly Shortcut[]>> = {
  [texts.everywhere]: [
    [texts.keysCtrlEnter, texts.generateOrQueue],
    [texts.keysEsc, texts.cancelPicture],
    [texts.keysCtrlZ, texts.undoMessage],
    ['?', texts.thisList],
  ],
  [texts.prompt]: [
    [texts.keysCtrlUpDown, texts.weightOfWord],
    [texts.keysAltUpDown, texts.earlierPrompts],
  ],
  [texts.numbers]: [
    ['↑ ↓', texts.oneStep],
    [texts.keysShiftUpDown, texts.tenSteps],
    [texts.keysAltUpDown, texts.aTenthOfAStep],
    [texts.keysDoubleClick, texts.backToTheDefault],
  ],
  [texts.results]: [
    ['← → ↑ ↓', texts.anotherPicture],
    [texts.keysHomeEnd, texts.newestOldest],
    [texts.keyDelete, texts.deleteThePicture],
  ],
  [texts.gallery]: [
    [texts.keysSpace, texts.selectThePicture],
    [texts.keysShiftArrows, texts.selectWhatLiesBetween],
    [texts.keysCtrlA, texts.selectAll],
    [texts.keysEnter, texts.fullSize],
    ['F', texts.favourite],
    ['C', texts.compareTwo],
    ['Z', texts.fitActualSizeHere],
  ],
  [texts.canvasTools]: TOOLS.map(({ id, key }) => [key.toUpperCase(), editor.tools[id].label] as const),
  [texts.canvas]: [
    ['[ ]', texts.brushSize],
    ['X', texts.swap],
    ['M', texts.hideOrShowTheMask],
    [texts.keysShiftV, texts.invertTheMask],
    [texts.keyAlt, texts.takeAway],
    [texts.keySpace, texts.holdToMoveTheView],
    ['+ −', texts.zoom],
    ['0 1', texts.fitActualSize],
    [texts.keysCtrlZ, texts.undoWithShiftRedo],
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
        <IconButton className="shortcuts-button" icon={Keyboard} label={texts.shortcutsButton} />
      </Dialog.Trigger>
      <DialogSheet className="shortcuts" title={texts.keyboardShortcuts} onClose={() => setOpen(false)}>
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
      </DialogSheet>
    </Dialog.Root>
  );
}
