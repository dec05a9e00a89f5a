import { Columns2, FileArchive, Maximize2, Star, Trash2, X } from 'lucide-react';
import { favourResults, useResultIndex } from '../../store/gallery/result-index';
import { texts as keys } from '../../texts/app';
import { texts } from '../../texts/gallery-view';
import { IconButton } from '../components/icon-button';
import { Toolbar } from '../components/toolbar';
import { BoardsMenu } from './boards-menu';

interface SelectionBarProps {
  /** Those that are chosen, in the grid's order. */
  ids: readonly string[];
  onOpen(id: string): void;
  onCompare(ids: readonly string[]): void;
  onSave(ids: readonly string[]): void;
  onDelete(ids: readonly string[]): void;
  onClear(): void;
}

/** What can be done with the results that are chosen. */
export function SelectionBar({ ids, onOpen, onCompare, onSave, onDelete, onClear }: SelectionBarProps) {
  const areFavourites = useResultIndex(({ facts }) => ids.every((id) => facts.get(id)?.favourite));
  return (
    <div className="selection-bar">
      <p role="status">{texts.selected(ids.length)}</p>
      <Toolbar className="selection-actions" label={texts.selectionActions} onDelete={() => onDelete(ids)}>
        <IconButton
          icon={Maximize2}
          label={texts.open}
          shortcut={texts.keyEnter}
          disabled={ids.length !== 1}
          onClick={() => onOpen(ids[0])}
        />
        <IconButton
          icon={Columns2}
          label={texts.compare}
          shortcut="C"
          disabled={ids.length !== 2}
          onClick={() => onCompare(ids)}
        />
        <IconButton
          icon={Star}
          label={texts.favourite}
          shortcut="F"
          pressed={areFavourites}
          onClick={() => void favourResults(ids, !areFavourites)}
        />
        <BoardsMenu ids={ids} />
        <IconButton icon={FileArchive} label={texts.saveZip} onClick={() => onSave(ids)} />
        <IconButton
          icon={Trash2}
          label={texts.deleteSelected}
          shortcut={keys.keyDelete}
          onClick={() => onDelete(ids)}
        />
        <IconButton icon={X} label={texts.clearSelection} shortcut={keys.keysEsc} onClick={onClear} />
      </Toolbar>
    </div>
  );
}
