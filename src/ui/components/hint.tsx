import { Tooltip } from 'radix-ui';
import type { ReactNode } from 'react';
import { landmark } from './landmark';
import { useNarrow } from './use-narrow';
import './hint.css';

interface HintProps {
  text: string;
  side?: 'top' | 'right' | 'bottom' | 'left';
  /** Holds a Tooltip.Trigger around what the hint is about. */
  children: ReactNode;
}

/** One line that explains a control on hover and focus. */
export function Hint({ text, side = 'bottom', children }: HintProps) {
  const narrow = useNarrow();
  return (
    <Tooltip.Root>
      {children}
      <Tooltip.Portal container={landmark()}>
        <Tooltip.Content
          className="hint"
          side={narrow && side !== 'bottom' ? 'top' : side}
          sideOffset={6}
          collisionPadding={8}
        >
          {text}
        </Tooltip.Content>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}
