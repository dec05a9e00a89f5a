import { FolderDown } from 'lucide-react';
import { Popover } from 'radix-ui';
import { allowAutosave, cancelSaveAll, chooseAutosave, saveAll, stopAutosave, useAutosave } from '../../store/gallery/autosave'; // biome-ignore format: one list
import { useGallery } from '../../store/gallery/gallery';
import { NAME_WORDS, nameBy, unknownWords } from '../../store/gallery/name-pattern';
import { canPickFolders } from '../../store/persistence/write-whole';
import { type Preferences, usePreferences } from '../../store/settings/preferences';
import { texts } from '../../texts/gallery-view';
import { texts as stage } from '../../texts/stage';
import { IconButton } from '../components/icon-button';
import { PopoverPanel } from '../components/popover-panel';
import { saveFile } from '../components/save-file';
import { Segments } from '../components/segments';
import { WholeNumber } from '../components/whole-number';
import { useResult } from '../gallery/use-result';
import './saving-menu.css';

const FORMATS: Readonly<Record<Preferences['saveFormat'], string>> = {
  png: texts.png,
  jpeg: stage.jpeg,
  webp: stage.webp,
};

/** How results are saved as files: their names, their format, into which folder by themselves, and all at once. */
export function SavingMenu() {
  const trouble = useAutosave((state) => state.trouble);
  return (
    <Popover.Root>
      <Popover.Trigger asChild>
        <IconButton
          icon={FolderDown}
          label={texts.savingFiles}
          className={trouble ? 'saving-trouble' : undefined}
          help={trouble}
        />
      </Popover.Trigger>
      <PopoverPanel label={texts.savingFiles} className="saving-menu" align="end">
        <NamePattern />
        <Format />
        <Autosave />
        <SaveAll />
      </PopoverPanel>
    </Popover.Root>
  );
}

/** The names that files get, with what the newest result's would be. */
function NamePattern() {
  const pattern = usePreferences((state) => state.namePattern);
  const newest = useResult(useGallery(({ ids }) => ids[0]));
  const unknown = unknownWords(pattern);
  return (
    <div className="saving-part">
      <label>
        {texts.fileNames}
        <input
          value={pattern}
          maxLength={300}
          spellCheck={false}
          autoComplete="off"
          onChange={({ currentTarget }) => usePreferences.setState({ namePattern: currentTarget.value })}
        />
      </label>
      {unknown.length > 0 && (
        <p className="saving-warning" role="status">
          {texts.unknownWords(unknown)}
        </p>
      )}
      {newest && <p className="saving-example">{texts.example(nameBy(pattern, newest.record))}</p>}
      <details>
        <summary>{texts.words}</summary>
        <p>{NAME_WORDS.map((word) => `[${word}]`).join(' ')}</p>
      </details>
    </div>
  );
}

function Format() {
  const { saveFormat, exportQuality } = usePreferences();
  return (
    <div className="saving-part">
      <Segments
        label={stage.format}
        value={saveFormat}
        choices={FORMATS}
        onChange={(format) => usePreferences.setState({ saveFormat: format })}
      />
      {saveFormat !== 'png' && (
        <WholeNumber
          label={stage.quality}
          min={1}
          max={100}
          value={exportQuality}
          onChange={(quality) => usePreferences.setState({ exportQuality: quality })}
        />
      )}
      <p>{texts.settingsInFiles}</p>
    </div>
  );
}

function Autosave() {
  const { folder, trouble } = useAutosave();
  if (!canPickFolders()) return <p>{texts.noFolders}</p>;
  return (
    <section className="saving-part" aria-label={texts.autosave}>
      <h2>{texts.autosave}</h2>
      <p>{folder ? texts.savedInto(folder.name) : texts.autosaveHelp}</p>
      {trouble && (
        <p className="saving-warning" role="status">
          {trouble}
        </p>
      )}
      <div className="saving-buttons">
        {trouble && (
          <button type="button" className="button" onClick={() => void allowAutosave()}>
            {texts.allowAgain}
          </button>
        )}
        <button type="button" className="button" onClick={() => void chooseAutosave()}>
          {folder ? texts.otherFolder : texts.chooseFolder}
        </button>
        {folder && (
          <button type="button" className="button" onClick={() => void stopAutosave()}>
            {texts.stopAutosave}
          </button>
        )}
      </div>
    </section>
  );
}

function SaveAll() {
  const count = useGallery(({ ids }) => ids.length);
  const saving = useAutosave((state) => state.saving);
  if (saving)
    return (
      <div className="saving-buttons" role="status">
        <p>{texts.savingAll(saving.done, saving.of)}</p>
        <button type="button" className="button" onClick={cancelSaveAll}>
          {texts.cancel}
        </button>
      </div>
    );
  return (
    <button type="button" className="button" disabled={count === 0} onClick={() => void saveAll(saveFile)}>
      {texts.saveAll(count)}
    </button>
  );
}
