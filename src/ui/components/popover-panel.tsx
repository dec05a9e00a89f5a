import { Popover } from 'radix-ui';
import type { ReactNode } from 'react';

interface PopoverPanelProps {
  /** What it is, for those who do not see it. */
  label: string;
  /** Beside the popovers' own. */
  className?: string;
  align?: Popover.PopoverContentProps['align'];
  side?: Popover.PopoverContentProps['side'];
  sideOffset?: number;
  children: ReactNode;
}

/** What a popover's button opens, laid over the page and kept within the window. */
export function PopoverPanel({ label, className, sideOffset = 6, children, ...place }: PopoverPanelProps) {
  return (
    <Popover.Portal>
      <Popover.Content
        className={className ? `popover ${className}` : 'popover'}
        sideOffset={sideOffset}
        collisionPadding={8}
        aria-label={label}
        {...place}
      >
        {children}
      </Popover.Content>
    </Popover.Portal>
  );
}
