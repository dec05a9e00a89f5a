import { ClipboardPaste, EllipsisVertical, FileInput, Grid3x3, Images, ListPlus, Palette } from 'lucide-react';
import { Popover } from 'radix-ui';
import { useRef, useState } from 'react';
import { pasteSettingsFromClipboard, readSettingsFrom } from '../../store/imports/take-settings';
import { texts as folder } from '../../texts/folder';
import { texts } from '../../texts/settings';
import { texts as studio } from '../../texts/studio';
import { MenuButton } from '../components/menu-button';
import { PopoverPanel } from '../components/popover-panel';
import { FolderSheet } from '../studio/folder-sheet';
import { PlotSheet } from '../studio/plot-sheet';
import { StylesSheet } from '../studio/styles-sheet';
import { WildcardsSheet } from '../studio/wildcards-sheet';

/** Where settings may be read from: pictures that carry them, and text. */
const READABLE = 'image/png,image/jpeg,image/webp,text/plain,application/json';

/** Ways to fill the form with settings from elsewhere, where nothing can be dragged, too; and what prompts may name. */
export function SettingsMenu() {
  const input = useRef<HTMLInputElement>(null);
  const [batch, showBatch] = useState(false);
  const [plot, showPlot] = useState(false);
  const [styles, showStyles] = useState(false);
  const [wildcards, showWildcards] = useState(false);
  return (
    <>
      <Popover.Root>
        <Popover.Trigger className="prompt-menu" aria-label={texts.promptMenu}>
          <EllipsisVertical size={16} aria-hidden="true" />
        </Popover.Trigger>
        <PopoverPanel label={texts.promptMenu} align="end">
          <MenuButton icon={FileInput} text={texts.readSettingsFromAFile} onClick={() => input.current?.click()} />
          <MenuButton
            icon={ClipboardPaste}
            text={texts.pasteSettings}
            onClick={() => void pasteSettingsFromClipboard()}
          />
          <MenuButton icon={Grid3x3} text={studio.openPlot} onClick={() => showPlot(true)} />
          <MenuButton icon={Images} text={folder.open} onClick={() => showBatch(true)} />
          <MenuButton icon={Palette} text={studio.openStyles} onClick={() => showStyles(true)} />
          <MenuButton icon={ListPlus} text={studio.openWildcards} onClick={() => showWildcards(true)} />
        </PopoverPanel>
      </Popover.Root>
      <FolderSheet open={batch} onOpen={showBatch} />
      <PlotSheet open={plot} onOpen={showPlot} />
      <StylesSheet open={styles} onOpen={showStyles} />
      <WildcardsSheet open={wildcards} onOpen={showWildcards} />
      <input
        ref={input}
        type="file"
        hidden
        accept={READABLE}
        data-testid="settings-file"
        onChange={({ currentTarget }) => {
          const [file] = currentTarget.files ?? [];
          if (file) void readSettingsFrom(file);
          currentTarget.value = '';
        }}
      />
    </>
  );
}
