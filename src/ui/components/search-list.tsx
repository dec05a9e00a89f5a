import { type KeyboardEvent, useId, useState } from 'react';
import { texts } from '../../texts/components';
import './search-list.css';

export interface SearchItem {
  id: string;
  label: string;
  /** One line under the label; searched, too. */
  note?: string;
  /** Under which heading; items of one follow each other. */
  group: string;
  /** It is shown, and cannot be chosen. */
  disabled?: boolean;
}

interface SearchListProps {
  /** Names the field and the list. */
  label: string;
  items: readonly SearchItem[];
  onChoose(id: string): void;
}

/**
 * A field that narrows a list down as one types: each word must stand somewhere in an item. Arrows, Home and End move
 * through the list while the field keeps the focus, Enter chooses (WAI-ARIA's combobox with a list).
 */
export function SearchList({ label, items, onChoose }: SearchListProps) {
  const id = useId();
  const [search, setSearch] = useState('');
  const [wanted, setWanted] = useState(0);
  const found = items.filter((item) => matches(item, search));
  const open = found.filter(({ disabled }) => !disabled);
  const active = open[Math.min(wanted, open.length - 1)];
  const onKeyDown = (event: KeyboardEvent) => {
    const at = open.indexOf(active);
    const to = STEPS[event.key]?.(at, open.length);
    if (event.key === 'Enter' && active) onChoose(active.id);
    else if (to === undefined || open.length === 0) return;
    else {
      setWanted((to + open.length) % open.length);
      // One out of sight comes into it once it is the active one.
      requestAnimationFrame(() =>
        document
          .getElementById(`${id}-list`)
          ?.querySelector('[aria-selected="true"]')
          ?.scrollIntoView({ block: 'nearest' }),
      );
    }
    event.preventDefault();
  };
  return (
    <div className="search-list">
      <input
        className="search-words"
        type="text"
        role="combobox"
        aria-label={label}
        aria-expanded="true"
        aria-controls={`${id}-list`}
        aria-activedescendant={active && `${id}-${active.id}`}
        aria-autocomplete="list"
        placeholder={texts.search}
        autoComplete="off"
        spellCheck={false}
        value={search}
        onChange={({ currentTarget: { value } }) => {
          setSearch(value);
          setWanted(0);
        }}
        onKeyDown={onKeyDown}
      />
      {found.length > 0 ? (
        <Found id={id} label={label} found={found} active={active} onChoose={onChoose} />
      ) : (
        <p role="status">{texts.nothingFound}</p>
      )}
    </div>
  );
}

interface FoundProps {
  /** Of the field; those of the list and of its options begin with it. */
  id: string;
  label: string;
  found: readonly SearchItem[];
  active: SearchItem | undefined;
  onChoose(id: string): void;
}

/** What was found, under its headings. */
function Found({ id, label, found, active, onChoose }: FoundProps) {
  return (
    <div id={`${id}-list`} className="search-found" role="listbox" aria-label={label}>
      {Array.from(
        Map.groupBy(found, ({ group }) => group),
        ([group, members]) => (
          // biome-ignore lint/a11y/useSemanticElements: no fieldset may stand in a list box
          <div key={group} role="group" aria-label={group}>
            <p className="search-group" aria-hidden="true">
              {group}
            </p>
            {members.map((item) => (
              <Option key={item.id} id={`${id}-${item.id}`} item={item} active={item === active} onChoose={onChoose} />
            ))}
          </div>
        ),
      )}
    </div>
  );
}

interface OptionProps {
  id: string;
  item: SearchItem;
  active: boolean;
  onChoose(id: string): void;
}

function Option({ id, item, active, onChoose }: OptionProps) {
  const { label, note, disabled } = item;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the field takes the keys
    <div
      id={id}
      role="option"
      className="search-item"
      tabIndex={-1}
      aria-selected={active}
      aria-disabled={disabled}
      // The field keeps the focus.
      onMouseDown={(event) => event.preventDefault()}
      onClick={() => !disabled && onChoose(item.id)}
    >
      {label}
      {note && <span className="search-note">{note}</span>}
    </div>
  );
}

function matches({ label, note = '', group }: SearchItem, search: string): boolean {
  const text = `${label} ${note} ${group}`.toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

const STEPS: Readonly<Partial<Record<string, (at: number, count: number) => number>>> = {
  ArrowDown: (at) => at + 1,
  ArrowUp: (at) => at - 1,
  Home: () => 0,
  End: (_, count) => count - 1,
};
