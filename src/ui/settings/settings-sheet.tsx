import { ChevronUp, SlidersHorizontal, X } from 'lucide-react';
import { Dialog } from 'radix-ui';
import type { ReactNode } from 'react';
import type { NumberName } from '../../core/request/fields';
import { resultSize } from '../../core/request/hires';
import { type SettingsState, useSettings } from '../../store/settings/settings';
import { labelOfChoice } from '../../texts/fields';
import { texts } from '../../texts/settings';
import { IconButton } from '../components/icon-button';
import { focusField } from './focus-field';
import './settings-sheet.css';

/** Whether the sheet is open, and the field it opens at where something asked for one. */
export interface SheetState {
  open: boolean;
  field?: NumberName;
}

interface SettingsSheetProps {
  sheet: SheetState;
  onChange(sheet: SheetState): void;
  /** The settings. */
  children: ReactNode;
}

/** On a narrow page: a button that says what is set, and the settings in a sheet that rises from the bottom. */
export function SettingsSheet({ sheet, onChange, children }: SettingsSheetProps) {
  const summary = useSettings(summaryOf);
  return (
    <Dialog.Root open={sheet.open} onOpenChange={(open) => onChange({ open })}>
      <Dialog.Trigger className="sheet-button">
        <SlidersHorizontal size={16} aria-hidden="true" />
        <span className="sheet-button-name">{texts.settings}</span>
        <span className="sheet-button-summary">{summary}</span>
        <ChevronUp size={16} aria-hidden="true" />
      </Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Overlay className="sheet-ground" />
        <Dialog.Content
          className="sheet"
          aria-describedby={undefined}
          onOpenAutoFocus={(event) => {
            event.preventDefault();
            if (sheet.field) focusField(sheet.field);
            else (event.currentTarget as HTMLElement).focus();
          }}
          onKeyDown={({ key, currentTarget, target }) => {
            // A hint would take the Escape for itself; an open list, which lies outside, may.
            if (key === 'Escape' && currentTarget.contains(target as Node)) onChange({ open: false });
          }}
        >
          <div className="sheet-head">
            <Dialog.Title>{texts.settings}</Dialog.Title>
            <Dialog.Close asChild>
              <IconButton icon={X} label={texts.close} />
            </Dialog.Close>
          </div>
          <div className="sheet-body">{children}</div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

/** "DPM++ 2M · 20 steps · 512 × 512", and with a second pass " → 1024 × 1024". */
function summaryOf({ values }: SettingsState): string {
  const { sampler, steps, width, height, hires } = values;
  const size = `${width} × ${height}`;
  const end = resultSize(values);
  const sizes = hires ? `${size} → ${end.width} × ${end.height}` : size;
  return texts.summary(labelOfChoice('sampler', sampler), steps, sizes);
}
