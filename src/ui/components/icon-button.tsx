import type { LucideIcon } from 'lucide-react';
import { Tooltip } from 'radix-ui';
import type { ComponentProps } from 'react';
import { Hint } from './hint';
import './icon-button.css';

interface IconButtonProps extends Omit<ComponentProps<'button'>, 'children'> {
  icon: LucideIcon;
  /** Its name, for screen readers and the hint. */
  label: string;
  /** One line more for the hint: what it does. */
  help?: string;
  /** The key that does the same while the focus is near, as it is written on keyboards. */
  shortcut?: string;
  /** For buttons that stay pressed. */
  pressed?: boolean;
}

/** A button that shows only an icon; its name appears on hover and focus. */
export function IconButton({ icon: Icon, label, help, shortcut, pressed, className, ...rest }: IconButtonProps) {
  const named = shortcut ? `${label} (${shortcut})` : label;
  return (
    <Hint text={help ? `${named}: ${help}` : named}>
      <Tooltip.Trigger asChild>
        <button
          type="button"
          aria-label={label}
          aria-pressed={pressed}
          className={`icon-button ${className ?? ''}`}
          {...rest}
        >
          <Icon size={16} aria-hidden="true" />
        </button>
      </Tooltip.Trigger>
    </Hint>
  );
}
