import { Ellipsis, type LucideIcon } from 'lucide-react';
import { DropdownMenu, Popover } from 'radix-ui';
import { type ReactNode, useLayoutEffect, useRef } from 'react';
import { IconButton } from './icon-button';
import { landmark } from './landmark';
import './more-menu.css';

interface MoreMenuProps {
  label: string;
  /** A `PopoverPanel` that one of the entries opened, at the same button. */
  panel?: ReactNode;
  onPanelClose?(): void;
  /** `MoreItem`s, `DropdownMenu.Item`s and separators. */
  children: ReactNode;
}

/** What is done more seldom with a thing, by name: one button and the menu that it opens. */
export function MoreMenu({ label, panel, onPanelClose, children }: MoreMenuProps) {
  const hasPanel = useRef(false);
  useLayoutEffect(() => {
    hasPanel.current = panel !== undefined;
  });
  return (
    <Popover.Root open={panel !== undefined} onOpenChange={(open) => !open && onPanelClose?.()}>
      <DropdownMenu.Root modal={false}>
        <DropdownMenu.Trigger asChild>
          <Popover.Trigger asChild>
            <IconButton icon={Ellipsis} label={label} />
          </Popover.Trigger>
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal container={landmark()}>
          <DropdownMenu.Content
            className="more-menu"
            align="end"
            sideOffset={4}
            collisionPadding={8}
            // The panel that it made way for has the focus.
            onCloseAutoFocus={(event) => hasPanel.current && event.preventDefault()}
          >
            {children}
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
      {panel}
    </Popover.Root>
  );
}

interface MoreItemProps {
  icon: LucideIcon;
  text: string;
  disabled?: boolean;
  onSelect(): void;
}

export function MoreItem({ icon: Icon, text, disabled, onSelect }: MoreItemProps) {
  return (
    <DropdownMenu.Item disabled={disabled} onSelect={onSelect}>
      <Icon size={16} aria-hidden="true" />
      {text}
    </DropdownMenu.Item>
  );
}
