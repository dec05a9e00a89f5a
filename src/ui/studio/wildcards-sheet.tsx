import { FilePlus2, FolderPlus, Plus, Trash2 } from 'lucide-react';
import { Dialog } from 'radix-ui';
import { useEffect, useRef, useState } from 'react';
import { wildcardLines } from '../../core/text/dynamic/wildcards';
import { deleteTags, useTags } from '../../store/lists/tags';
import { deleteWildcard, saveWildcard, useWildcards } from '../../store/lists/wildcards';
import { texts } from '../../texts/studio';
import { DialogSheet } from '../components/dialog-sheet';
import { IconButton } from '../components/icon-button';
import { WildcardInputs } from './wildcard-inputs';
import './wildcards-sheet.css';

interface WildcardsSheetProps {
  open: boolean;
  onOpen(open: boolean): void;
}

/** The person's wildcards: each list to look at, to change and to delete, and ways to bring some. */
export function WildcardsSheet({ open, onOpen }: WildcardsSheetProps) {
  return (
    <Dialog.Root open={open} onOpenChange={onOpen}>
      <DialogSheet className="wildcards" title={texts.wildcards} onClose={() => onOpen(false)}>
        <p className="wildcards-help">{texts.wildcardsHelp}</p>
        <Lists />
        <TagLists />
      </DialogSheet>
    </Dialog.Root>
  );
}

/** Apart from the sheet, so that lists are looked through only while that is open. */
function Lists() {
  const lists = useWildcards((state) => state.lists);
  const [wanted, setWanted] = useState<string>();
  const chosen = wanted !== undefined && lists.has(wanted) ? wanted : lists.keys().next().value;
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  return (
    <>
      <div className="wildcards-tools">
        <button type="button" className="button" onClick={() => setWanted(addList(lists))}>
          <Plus size={16} aria-hidden="true" />
          {texts.newList}
        </button>
        <button type="button" className="button" onClick={() => files.current?.click()}>
          <FilePlus2 size={16} aria-hidden="true" />
          {texts.addFiles}
        </button>
        <button type="button" className="button" onClick={() => folder.current?.click()}>
          <FolderPlus size={16} aria-hidden="true" />
          {texts.addFolder}
        </button>
        <WildcardInputs files={files} folder={folder} />
      </div>
      {chosen === undefined ? (
        <p className="wildcards-none">{texts.noWildcards}</p>
      ) : (
        <div className="wildcards-body">
          <ul className="wildcards-lists" aria-label={texts.wildcards}>
            {Array.from(lists, ([name, text]) => (
              <li key={name}>
                <button type="button" aria-pressed={name === chosen} onClick={() => setWanted(name)}>
                  <span>{name}</span>
                  <span className="wildcards-count">{texts.lines(wildcardLines(text).length)}</span>
                </button>
              </li>
            ))}
          </ul>
          <ListEditor key={chosen} name={chosen} text={lists.get(chosen) ?? ''} onRenamed={setWanted} />
        </div>
      )}
    </>
  );
}

/** Tag lists that were dropped; there is nothing to change in them but whether they are there. */
function TagLists() {
  const counts = useTags((state) => state.counts);
  if (counts.size === 0) return null;
  return (
    <section aria-label={texts.tags}>
      <h3 className="wildcards-help">{texts.tags}</h3>
      <ul>
        {Array.from(counts, ([name, count]) => (
          <li key={name} className="wildcards-tags">
            <span>{name}</span>
            <span className="wildcards-count">{texts.tagCount(count)}</span>
            <IconButton icon={Trash2} label={texts.deleteList(name)} onClick={() => void deleteTags(name)} />
          </li>
        ))}
      </ul>
    </section>
  );
}

/** @returns its name, which is no other list's */
function addList(lists: ReadonlyMap<string, string>): string {
  let name = texts.newListName;
  for (let number = 2; lists.has(name); number++) name = `${texts.newListName} ${number}`;
  return saveWildcard(name, '');
}

interface ListEditorProps {
  name: string;
  text: string;
  onRenamed(name: string): void;
}

/** A list's name and lines. What was typed is kept when one goes on to something else, or the sheet closes. */
function ListEditor({ name, text, onRenamed }: ListEditorProps) {
  const [draft, setDraft] = useState({ name, text });
  const latest = useRef({ draft, isSaved: true });
  const type = (change: Partial<typeof draft>) => {
    const next = { ...draft, ...change };
    latest.current = { draft: next, isSaved: false };
    setDraft(next);
  };
  const save = (): string => {
    const { draft: typed, isSaved } = latest.current;
    latest.current.isSaved = true;
    return isSaved ? name : saveWildcard(typed.name.trim() === '' ? name : typed.name, typed.text, name);
  };
  const saveLast = useRef(save);
  saveLast.current = save;
  useEffect(() => () => void saveLast.current(), []);
  return (
    <div className="wildcards-editor">
      <label>
        {texts.listName}
        <input
          value={draft.name}
          spellCheck={false}
          onChange={({ currentTarget: { value } }) => type({ name: value })}
          onBlur={() => onRenamed(save())}
        />
      </label>
      <IconButton
        icon={Trash2}
        label={texts.deleteList(name)}
        onClick={() => {
          latest.current.isSaved = true;
          deleteWildcard(name);
        }}
      />
      <p className="wildcards-said">{texts.saidAs(name)}</p>
      <label className="wildcards-lines">
        {texts.listLines}
        <textarea
          value={draft.text}
          spellCheck={false}
          onChange={({ currentTarget: { value } }) => type({ text: value })}
          onBlur={save}
        />
      </label>
    </div>
  );
}
