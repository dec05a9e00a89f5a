import { X } from 'lucide-react';
import { Dialog } from 'radix-ui';
import type { ReactNode } from 'react';
import { texts } from '../../texts/components';
import { IconButton } from './icon-button';
import './dialog-sheet.css';

interface DialogSheetProps extends Pick<Dialog.DialogContentProps, 'onOpenAutoFocus' | 'onKeyDown'> {
  title: string;
  /** May set `--width` and `--height`. */
  className: string;
  children: ReactNode;
}

/** A sheet in the middle of the page, under its title and a button that closes it. Within a `Dialog.Root`. */
export function DialogSheet({ title, className, children, ...content }: DialogSheetProps) {
  return (
    <Dialog.Portal>
      <Dialog.Overlay className="dialog-ground" />
      <Dialog.Content className={`dialog-sheet ${className}`} aria-describedby={undefined} {...content}>
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
