import { ClipboardPaste, EllipsisVertical, FileInput } from 'lucide-react';
import { Popover } from 'radix-ui';
import { useRef } from 'react';
import { pasteSettingsFromClipboard, readSettingsFrom } from '../../store/imports/take-settings';
import { texts } from '../../texts/settings';
import { MenuButton } from '../components/menu-button';
import { PopoverPanel } from '../components/popover-panel';

/** Where settings may be read from: pictures that carry them, and text. */
const READABLE = 'image/png,image/jpeg,image/webp,text/plain,application/json';

/** Ways to fill the form with settings from elsewhere, where nothing can be dragged, too. */
export function SettingsMenu() {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <Popover.Root>
        <Popover.Trigger className="prompt-menu" aria-label={texts.readSettings}>
          <EllipsisVertical size={16} aria-hidden="true" />
        </Popover.Trigger>
        <PopoverPanel label={texts.readSettings} align="end">
          <MenuButton icon={FileInput} text={texts.readSettingsFromAFile} onClick={() => input.current?.click()} />
          <MenuButton
            icon={ClipboardPaste}
            text={texts.pasteSettings}
            onClick={() => void pasteSettingsFromClipboard()}
          />
        </PopoverPanel>
      </Popover.Root>
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
