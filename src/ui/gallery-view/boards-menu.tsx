import { FolderMinus, FolderPlus, LayoutGrid, Trash2 } from 'lucide-react';
import { Popover } from 'radix-ui';
import { useState } from 'react';
import { addToBoard, deleteBoard, takeOffBoard, useBoards } from '../../store/gallery/boards';
import { texts } from '../../texts/gallery-view';
import { IconButton } from '../components/icon-button';
import { MenuButton } from '../components/menu-button';
import { PopoverPanel } from '../components/popover-panel';

/** Puts the chosen results on boards and takes them off, and makes and deletes boards. */
export function BoardsMenu({ ids }: { ids: readonly string[] }) {
  const boards = useBoards((state) => state.boards);
  return (
    <Popover.Root>
      <Popover.Trigger asChild>
        <IconButton icon={LayoutGrid} label={texts.boards} />
      </Popover.Trigger>
      <PopoverPanel label={texts.boards} className="boards-menu" align="end" side="top">
        <p>{texts.boardsHelp}</p>
        {Array.from(boards, ([name, on]) => (
          <div key={name} className="boards-row">
            {ids.every((id) => on.includes(id)) ? (
              <MenuButton icon={FolderMinus} text={texts.takeOff(name)} onClick={() => takeOffBoard(name, ids)} />
            ) : (
              <MenuButton icon={FolderPlus} text={texts.addTo(name)} onClick={() => addToBoard(name, ids)} />
            )}
            <IconButton icon={Trash2} label={texts.deleteBoard(name)} onClick={() => deleteBoard(name)} />
          </div>
        ))}
        <NewBoard ids={ids} />
      </PopoverPanel>
    </Popover.Root>
  );
}

function NewBoard({ ids }: { ids: readonly string[] }) {
  const [name, setName] = useState('');
  const wanted = name.trim();
  return (
    <form
      className="boards-row"
      onSubmit={(event) => {
        event.preventDefault();
        if (wanted) addToBoard(wanted, ids);
        setName('');
      }}
    >
      <input
        className="boards-name"
        aria-label={texts.boardName}
        placeholder={texts.newBoard}
        value={name}
        maxLength={100}
        autoComplete="off"
        onChange={({ currentTarget }) => setName(currentTarget.value)}
      />
      <button type="submit" className="button" disabled={!wanted}>
        {texts.create}
      </button>
    </form>
  );
}
