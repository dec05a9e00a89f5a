import { Ellipsis, ExternalLink, FileCheck, FileDown, RotateCcw, SlidersHorizontal, X } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import { useEngine } from '../../store/engine';
import type { LibraryRecord } from '../../store/library/library-record';
import { cancelTask, checkModel, type Task, useMaintenance } from '../../store/library/maintenance';
import { keepAsDefaults, resetDefaults } from '../../store/library/own-defaults';
import { saveCopy } from '../../store/library/save-copy';
import { useStoredModels } from '../../store/library/stored-models';
import { IconButton } from '../components/icon-button';
import { saveFile } from '../components/save-file';
import './thing-menu.css';

const DOING: Readonly<Record<Task['kind'], string>> = { check: 'Checking', copy: 'Copying', save: 'Saving' };

/** How far a task with a thing's files is: "Checking … 43 %". */
export function taskWords({ kind, done, bytes }: Task): string {
  return bytes === 0 ? `${DOING[kind]} …` : `${DOING[kind]} … ${Math.floor((100 * done) / bytes)} %`;
}

/** What else can be done with a thing; while something is being done with its files, what stops that. */
export function ThingMenu({ record }: { record: LibraryRecord }) {
  const { id, name, place, choices } = record;
  const task = useMaintenance(({ tasks }) => tasks[id]);
  const isOpen = useEngine(({ model }) => model?.id === id);
  const page = useStoredModels(({ models }) => place.kind === 'stored' && models.get(place.model)?.origin?.page);
  if (task)
    return (
      <IconButton icon={X} label={`Stop ${DOING[task.kind].toLowerCase()} ${name}`} onClick={() => cancelTask(id)} />
    );
  const isStored = place.kind === 'stored';
  if (!isStored && !isOpen && !choices?.defaults) return null;
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>
        <button type="button" className="icon-button" aria-label={`More about ${name}`}>
          <Ellipsis size={16} aria-hidden="true" />
        </button>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="thing-menu" align="end" sideOffset={4} collisionPadding={8}>
          {isOpen && (
            <DropdownMenu.Item onSelect={() => void keepAsDefaults(id)}>
              <SlidersHorizontal size={16} aria-hidden="true" />
              Start with the current settings
            </DropdownMenu.Item>
          )}
          {choices?.defaults && (
            <DropdownMenu.Item onSelect={() => void resetDefaults(id)}>
              <RotateCcw size={16} aria-hidden="true" />
              Start with its own settings
            </DropdownMenu.Item>
          )}
          {isStored && (
            <DropdownMenu.Item onSelect={() => void checkModel(id)}>
              <FileCheck size={16} aria-hidden="true" />
              Check its files
            </DropdownMenu.Item>
          )}
          {isStored && (
            <DropdownMenu.Item onSelect={() => void saveCopy(id, saveFile)}>
              <FileDown size={16} aria-hidden="true" />
              Save a copy to disk…
            </DropdownMenu.Item>
          )}
          {page && (
            <DropdownMenu.Item asChild>
              <a href={page} target="_blank" rel="noreferrer">
                <ExternalLink size={16} aria-hidden="true" />
                Open its page
              </a>
            </DropdownMenu.Item>
          )}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
