import { ExternalLink, FileCheck, FileDown, RotateCcw, SlidersHorizontal, X } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import { useEngine } from '../../store/engine';
import { isTorchFile } from '../../store/library/library-files';
import type { LibraryRecord } from '../../store/library/library-record';
import { cancelTask, checkModel, type Task, useMaintenance } from '../../store/library/maintenance';
import { keepAsDefaults, resetDefaults } from '../../store/library/own-defaults';
import { saveAsSafetensors, saveCopy } from '../../store/library/save-copy';
import { useStoredModels } from '../../store/library/stored-models';
import { texts } from '../../texts/models';
import { IconButton } from '../components/icon-button';
import { MoreItem, MoreMenu } from '../components/more-menu';
import { saveFile } from '../components/save-file';

const DOING: Readonly<Record<Task['kind'], string>> = {
  check: texts.checking,
  copy: texts.copying,
  save: texts.saving,
};
const STOP: Readonly<Record<Task['kind'], (name: string) => string>> = {
  check: texts.stopChecking,
  copy: texts.stopCopying,
  save: texts.stopSaving,
};

/** How far a task with a thing's files is: "Checking … 43 %". */
export function taskWords({ kind, done, bytes }: Task): string {
  return bytes === 0 ? `${DOING[kind]} …` : texts.percentDone(DOING[kind], Math.floor((100 * done) / bytes));
}

/** What else can be done with a thing; while something is being done with its files, what stops that. */
export function ThingMenu({ record }: { record: LibraryRecord }) {
  const { id, name, place, choices } = record;
  const task = useMaintenance(({ tasks }) => tasks[id]);
  const isOpen = useEngine(({ model }) => model?.id === id);
  const page = useStoredModels(({ models }) => place.kind === 'stored' && models.get(place.model)?.origin?.page);
  if (task) return <IconButton icon={X} label={STOP[task.kind](name)} onClick={() => cancelTask(id)} />;
  const isStored = place.kind === 'stored';
  const isTorch = isTorchFile(record);
  if (!isStored && !isOpen && !isTorch && !choices?.defaults) return null;
  return (
    <MoreMenu label={texts.moreAbout(name)}>
      {isOpen && (
        <MoreItem
          icon={SlidersHorizontal}
          text={texts.startWithCurrentSettings}
          onSelect={() => void keepAsDefaults(id)}
        />
      )}
      {choices?.defaults && (
        <MoreItem icon={RotateCcw} text={texts.startWithOwnSettings} onSelect={() => void resetDefaults(id)} />
      )}
      {isStored && <MoreItem icon={FileCheck} text={texts.checkItsFiles} onSelect={() => void checkModel(id)} />}
      {isStored && (
        <MoreItem icon={FileDown} text={texts.saveACopyToDisk} onSelect={() => void saveCopy(id, saveFile)} />
      )}
      {isTorch && (
        <MoreItem
          icon={FileDown}
          text={texts.saveAsSafetensors}
          onSelect={() => void saveAsSafetensors(id, saveFile)}
        />
      )}
      {page && (
        <DropdownMenu.Item asChild>
          <a href={page} target="_blank" rel="noreferrer">
            <ExternalLink size={16} aria-hidden="true" />
            {texts.openItsPage}
          </a>
        </DropdownMenu.Item>
      )}
    </MoreMenu>
  );
}
