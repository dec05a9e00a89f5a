import { type KeyboardEvent, type SyntheticEvent, useState } from 'react';
import { type Completion, completionAt } from '../../core/text/completion';
import { useEngine } from '../../store/engine';
import { knownInfo } from '../../store/library/starter';
import type { TextEdit } from '../../store/settings/prompt-weight';
import { texts } from '../../texts/settings';
import './completion.css';

const NONE: Completion = { start: 0, texts: [] };

/**
 * Names that the model paints, offered as they are typed: arrows choose one, Enter or Tab takes it, Escape puts the
 * list away. Without a choice these keys do what they always do.
 * @param id of the list, for what is read aloud
 * @param onTake writes the prompt with the name in it
 */
export function useCompletion(id: string, onTake: (area: HTMLTextAreaElement, edit: TextEdit) => void) {
  const paints = useEngine((state) => knownInfo(state)?.paints);
  const [{ start, texts: offered }, setOffered] = useState(NONE);
  const [chosen, setChosen] = useState<number>();
  const close = () => {
    setOffered(NONE);
    setChosen(undefined);
  };
  const take = (area: HTMLTextAreaElement, text: string) => {
    const { value, selectionEnd } = area;
    const caret = start + text.length;
    const edit = { text: value.slice(0, start) + text + value.slice(selectionEnd), selectionStart: caret };
    onTake(area, { ...edit, selectionEnd: caret });
    close();
  };
  const onTyped = ({ value, selectionStart, selectionEnd }: HTMLTextAreaElement) => {
    setChosen(undefined);
    setOffered(paints && selectionStart === selectionEnd ? completionAt(value, selectionEnd, paints) : NONE);
  };
  /** @returns whether the key was meant for the list */
  const onKey = (event: KeyboardEvent<HTMLTextAreaElement>): boolean => {
    const { key, currentTarget } = event;
    if (offered.length === 0 || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return false;
    if (key === 'ArrowDown') setChosen(((chosen ?? -1) + 1) % offered.length);
    else if (key === 'ArrowUp' && chosen !== undefined) setChosen(chosen === 0 ? undefined : chosen - 1);
    else if ((key === 'Enter' || key === 'Tab') && chosen !== undefined) take(currentTarget, offered[chosen]);
    else if (key === 'Escape') close();
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  };
  const open = offered.length > 0;
  const area = {
    'aria-autocomplete': paints && ('list' as const),
    'aria-controls': open ? id : undefined,
    'aria-activedescendant': open && chosen !== undefined ? `${id}-${chosen}` : undefined,
    onBlur: close,
  };
  return { area, onTyped, onKey, list: open && <List id={id} offered={offered} chosen={chosen} onTake={take} /> };
}

interface ListProps {
  id: string;
  offered: readonly string[];
  chosen: number | undefined;
  onTake(area: HTMLTextAreaElement, text: string): void;
}

/** Laid over what stands below the prompt, so that nothing moves. */
function List({ id, offered, chosen, onTake }: ListProps) {
  // The caret stays in the prompt.
  const keepFocus = (event: SyntheticEvent) => event.preventDefault();
  return (
    <div id={id} className="completion" role="listbox" aria-label={texts.whatTheModelPaints}>
      {offered.map((text, i) => (
        <div
          key={text}
          id={`${id}-${i}`}
          role="option"
          tabIndex={-1}
          aria-selected={i === chosen}
          onPointerDown={(event) => {
            keepFocus(event);
            const area = event.currentTarget.closest('.prompt')?.querySelector('textarea');
            if (area) onTake(area, text);
          }}
        >
          {text}
        </div>
      ))}
    </div>
  );
}
