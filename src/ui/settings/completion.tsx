import { type KeyboardEvent, type SyntheticEvent, useState } from 'react';
import type { Completion, CompletionItem } from '../../core/text/completion';
import { completePrompt } from '../../store/library/completion-words';
import { chooseStyle } from '../../store/lists/styles';
import { texts } from '../../texts/studio';
import './completion.css';

const NONE: Completion = { start: 0, items: [] };

/**
 * What the prompt may go on with, offered as it is typed: arrows choose one, Enter or Tab takes it, Escape puts the
 * list away. Without a choice these keys do what they always do.
 * @param id of the list, for what is read aloud
 */
export function useCompletion(id: string) {
  const [{ start, items }, setOffered] = useState(NONE);
  const [chosen, setChosen] = useState<number>();
  const close = () => {
    setOffered(NONE);
    setChosen(undefined);
  };
  const take = (area: HTMLTextAreaElement, { kind, label, insert }: CompletionItem) => {
    // Typed in the person's place, where it belongs alone: the caret is behind it then, and Ctrl+Z takes it back.
    area.setSelectionRange(start, area.selectionEnd);
    document.execCommand(insert === '' ? 'delete' : 'insertText', false, insert);
    if (kind === 'style') chooseStyle(label, true);
    close();
  };
  const onTyped = ({ value, selectionStart, selectionEnd }: HTMLTextAreaElement) => {
    setChosen(undefined);
    setOffered(selectionStart === selectionEnd ? completePrompt(value, selectionEnd) : NONE);
  };
  /** @returns whether the key was meant for the list */
  const onKey = (event: KeyboardEvent<HTMLTextAreaElement>): boolean => {
    const { key, currentTarget } = event;
    // It paints: what was understood of the prompt is not to be covered.
    if (key === 'Enter' && (event.ctrlKey || event.metaKey)) close();
    if (items.length === 0 || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return false;
    if (key === 'ArrowDown') setChosen(((chosen ?? -1) + 1) % items.length);
    else if (key === 'ArrowUp' && chosen !== undefined) setChosen(chosen === 0 ? undefined : chosen - 1);
    else if ((key === 'Enter' || key === 'Tab') && chosen !== undefined) take(currentTarget, items[chosen]);
    else if (key === 'Escape') close();
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  };
  const open = items.length > 0;
  const area = {
    'aria-autocomplete': 'list' as const,
    'aria-controls': open ? id : undefined,
    'aria-activedescendant': open && chosen !== undefined ? `${id}-${chosen}` : undefined,
    onBlur: close,
  };
  return { area, onTyped, onKey, list: open && <List id={id} items={items} chosen={chosen} onTake={take} /> };
}

interface ListProps {
  id: string;
  items: readonly CompletionItem[];
  chosen: number | undefined;
  onTake(area: HTMLTextAreaElement, item: CompletionItem): void;
}

/** Laid over what stands below the prompt, so that nothing moves. */
function List({ id, items, chosen, onTake }: ListProps) {
  // The caret stays in the prompt.
  const keepFocus = (event: SyntheticEvent) => event.preventDefault();
  return (
    <div id={id} className="completion" role="listbox" aria-label={texts.suggestions}>
      {items.map((item, i) => (
        <div
          key={`${item.kind} ${item.label}`}
          id={`${id}-${i}`}
          role="option"
          tabIndex={-1}
          aria-selected={i === chosen}
          onPointerDown={(event) => {
            keepFocus(event);
            const area = event.currentTarget.closest('.prompt')?.querySelector('textarea');
            if (area) onTake(area, item);
          }}
        >
          {item.label}
          {item.kind !== 'name' && <span className="completion-kind">{item.note ?? texts.kinds[item.kind]}</span>}
        </div>
      ))}
    </div>
  );
}
