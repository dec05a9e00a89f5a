import type { LucideIcon } from 'lucide-react';
import { Popover } from 'radix-ui';

interface MenuButtonProps {
  icon: LucideIcon;
  text: string;
  onClick(): void;
}

/** One thing to do in a popover, which closes with it. */
export function MenuButton({ icon: Icon, text, onClick }: MenuButtonProps) {
  return (
    <Popover.Close asChild>
      <button type="button" className="button" onClick={onClick}>
        <Icon size={16} aria-hidden="true" />
        <span className="menu-text">{text}</span>
      </button>
    </Popover.Close>
  );
}
