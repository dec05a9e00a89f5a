import { type ComponentProps, type KeyboardEvent, useLayoutEffect, useRef } from 'react';

interface ToolbarProps extends ComponentProps<'div'> {
  /** Its name. */
  label: string;
  orientation?: 'horizontal' | 'vertical';
  /** Of what its buttons work on, by Delete or Backspace on any of them. */
  onDelete?(): void;
}

/** Buttons of one kind of work: Tab comes to one of them, arrows, Home and End lead to the others (WAI-ARIA). */
export function Toolbar({ label, orientation = 'horizontal', onDelete, ...rest }: ToolbarProps) {
  const bar = useRef<HTMLDivElement>(null);
  const active = useRef<HTMLElement>(undefined);
  const settle = (wanted = active.current) => {
    const items = itemsIn(bar.current);
    active.current = wanted && items.includes(wanted) ? wanted : items[0];
    for (const item of items) item.tabIndex = item === active.current ? 0 : -1;
  };
  // Its buttons come and go, and are enabled and not.
  useLayoutEffect(() => settle());
  const onKeyDown = (event: KeyboardEvent) => {
    const items = itemsIn(bar.current);
    const at = items.indexOf(event.target as HTMLElement);
    if (at < 0 || event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return;
    const to = STEPS[event.key]?.(at, items.length);
    if (to !== undefined) items[(to + items.length) % items.length].focus();
    else if (onDelete && (event.key === 'Delete' || event.key === 'Backspace')) onDelete();
    else return;
    event.preventDefault();
  };
  return (
    <div
      ref={bar}
      role="toolbar"
      aria-label={label}
      aria-orientation={orientation}
      onKeyDown={onKeyDown}
      onFocus={({ target }) => settle(target)}
      {...rest}
    />
  );
}

const itemsIn = (bar: HTMLElement | null): HTMLElement[] => [
  ...(bar?.querySelectorAll<HTMLElement>('button:not(:disabled), a[href]') ?? []),
];

const next = (at: number): number => at + 1;
const previous = (at: number): number => at - 1;

/** Either pair of arrows: a bar may lie the other way on a phone. */
const STEPS: Readonly<Partial<Record<string, (at: number, count: number) => number>>> = {
  ArrowRight: next,
  ArrowDown: next,
  ArrowLeft: previous,
  ArrowUp: previous,
  Home: () => 0,
  End: (_, count) => count - 1,
};
