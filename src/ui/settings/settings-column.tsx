import { type ReactNode, useState } from 'react';
import type { PaintedFrom } from '../../core/request/applicable';
import { texts } from '../../texts/settings';
import { useNarrow } from '../components/use-narrow';
import { focusField } from './focus-field';
import { GenerateButton } from './generate-button';
import { SettingsSheet, type SheetState } from './settings-sheet';
import { Subject } from './subject';
import './settings-column.css';

interface SettingsColumnProps {
  /** What Generate does, and what it paints from. */
  paint(): boolean;
  from: PaintedFrom;
  /** Every setting but the prompts. */
  children: ReactNode;
}

/**
 * Everything that says what to paint, and the button that does it; on a narrow page all but the prompts is in a sheet.
 */
export function SettingsColumn({ paint, from, children }: SettingsColumnProps) {
  const narrow = useNarrow();
  const [sheet, setSheet] = useState<SheetState>({ open: false });
  return (
    <section className="settings" aria-label={texts.settings}>
      <div className="settings-scroll">
        <Subject />
        {narrow ? (
          <SettingsSheet sheet={sheet} onChange={setSheet}>
            {children}
          </SettingsSheet>
        ) : (
          children
        )}
      </div>
      <GenerateButton
        paint={paint}
        from={from}
        onShow={(field) => (narrow ? setSheet({ open: true, field }) : focusField(field))}
      />
    </section>
  );
}
