import { X } from 'lucide-react';
import { Dialog } from 'radix-ui';
import type { ReactNode } from 'react';
import { texts } from '../../texts/components';
import { IconButton } from './icon-button';
import './dialog-sheet.css';

interface DialogSheetProps {
  title: string;
  /** May set `--width` and `--height`. */
  className: string;
  children: ReactNode;
  onClose(): void;
}

/** A sheet in the middle of the page, under its title and a button that closes it. Within a `Dialog.Root`. */
export function DialogSheet({ title, className, children, onClose }: DialogSheetProps) {
  return (
    <Dialog.Portal>
      <Dialog.Overlay className="dialog-ground" />
      <Dialog.Content
        className={`dialog-sheet ${className}`}
        aria-describedby={undefined}
        onOpenAutoFocus={(event) => {
          event.preventDefault();
          (event.currentTarget as HTMLElement).focus();
        }}
        // The hint of its button would take the Escape for itself.
        onKeyDown={({ key }) => key === 'Escape' && onClose()}
      >
        <div className="dialog-head">
          <Dialog.Title>{title}</Dialog.Title>
          <Dialog.Close asChild>
            <IconButton icon={X} label={texts.close} />
          </Dialog.Close>
        </div>
        {children}
      </Dialog.Content>
    </Dialog.Portal>
  );
}
