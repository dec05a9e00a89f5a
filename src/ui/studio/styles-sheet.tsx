import { Trash2 } from 'lucide-react';
import { Dialog } from 'radix-ui';
import { useRef, useState } from 'react';
import { importWords } from '../../store/imports/word-files';
import { chooseStyle, deleteStyle, inStyles, saveStyle, stylesFile, useStyles } from '../../store/lists/styles';
import { deletePreset, presetsFile, savePreset, takePreset, usePresets } from '../../store/settings/presets';
import { changeSettings, changeWithUndo, useSettings } from '../../store/settings/settings';
import { texts } from '../../texts/studio';
import { DialogSheet } from '../components/dialog-sheet';
import { IconButton } from '../components/icon-button';
import { saveFile } from '../components/save-file';
import './styles-sheet.css';

interface StylesSheetProps {
  open: boolean;
  onOpen(open: boolean): void;
}

/** The person's styles and presets: to choose and to use, to keep new ones, and to bring and take along. */
export function StylesSheet({ open, onOpen }: StylesSheetProps) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <Dialog.Root open={open} onOpenChange={onOpen}>
      <DialogSheet className="styles" title={texts.stylesAndPresets} onClose={() => onOpen(false)}>
        <div className="styles-body">
          <Styles />
          <Presets />
        </div>
        <div className="styles-tools">
          <button type="button" className="button" onClick={() => input.current?.click()}>
            {texts.importFile}
          </button>
          <button type="button" className="button" onClick={() => saveFile(stylesFile(), 'styles.csv')}>
            {texts.exportStyles}
          </button>
          <button type="button" className="button" onClick={() => saveFile(presetsFile(), 'presets.json')}>
            {texts.exportPresets}
          </button>
          <input
            ref={input}
            type="file"
            hidden
            accept=".csv,.json"
            data-testid="styles-file"
            aria-label={texts.stylesFile}
            onChange={({ currentTarget }) => {
              const files = Array.from(currentTarget.files ?? []);
              currentTarget.value = '';
              void importWords(files);
            }}
          />
        </div>
      </DialogSheet>
    </Dialog.Root>
  );
}

function Styles() {
  const styles = useStyles((state) => state.styles);
  const chosen = useStyles((state) => state.chosen);
  const keep = (name: string) => {
    const { prompt, negativePrompt } = useSettings.getState().values;
    saveStyle({ name, prompt, negativePrompt });
  };
  return (
    <section aria-label={texts.styles}>
      <h3>{texts.styles}</h3>
      <p className="styles-help">{styles.size === 0 ? texts.noStyles : texts.stylesHelp}</p>
      <ul>
        {Array.from(styles.values(), ({ name, prompt }) => (
          <li key={name}>
            <label title={prompt}>
              <input
                type="checkbox"
                checked={chosen.includes(name)}
                onChange={({ currentTarget: { checked } }) => chooseStyle(name, checked)}
              />
              {name}
            </label>
            <IconButton icon={Trash2} label={texts.deleteList(name)} onClick={() => deleteStyle(name)} />
          </li>
        ))}
      </ul>
      {chosen.length > 0 && (
        <button type="button" className="button" onClick={applyStyles}>
          {texts.applyStyles}
        </button>
      )}
      <NewOne label={texts.keepAsStyle} onKeep={keep} />
    </section>
  );
}

/** Writes the chosen styles into the prompts, where they can be changed, and chooses none any more. */
function applyStyles(): void {
  const { prompt, negativePrompt } = useSettings.getState().values;
  changeWithUndo(texts.appliedStyles, () => changeSettings(inStyles({ prompt, negativePrompt })));
  for (const name of useStyles.getState().chosen) chooseStyle(name, false);
}

function Presets() {
  const presets = usePresets((state) => state.presets);
  const modelName = useSettings((state) => state.modelName);
  const [forModel, setForModel] = useState(false);
  const offered = [...presets.values()].filter(({ model }) => model === undefined || model === modelName);
  return (
    <section aria-label={texts.presets}>
      <h3>{texts.presets}</h3>
      <p className="styles-help">{texts.presetsHelp}</p>
      <ul>
        {offered.map((preset) => (
          <li key={preset.name}>
            <span>
              {preset.name} {preset.model !== undefined && <small>{texts.forModel(preset.model)}</small>}
            </span>
            <button
              type="button"
              className="button"
              aria-label={texts.takePreset(preset.name)}
              onClick={() => takePreset(preset)}
            >
              {texts.use}
            </button>
            <IconButton icon={Trash2} label={texts.deleteList(preset.name)} onClick={() => deletePreset(preset.name)} />
          </li>
        ))}
      </ul>
      {modelName !== undefined && (
        <label>
          <input
            type="checkbox"
            checked={forModel}
            onChange={({ currentTarget: { checked } }) => setForModel(checked)}
          />
          {texts.onlyForModel(modelName)}
        </label>
      )}
      <NewOne label={texts.keepAsPreset} onKeep={(name) => savePreset(name, forModel)} />
    </section>
  );
}

/** Keeps what the form holds under a name. */
function NewOne({ label, onKeep }: { label: string; onKeep(name: string): void }) {
  const [name, setName] = useState('');
  return (
    <form
      className="styles-new"
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim() === '') return;
        onKeep(name.trim());
        setName('');
      }}
    >
      <input
        value={name}
        maxLength={200}
        placeholder={texts.nameOfNew}
        aria-label={label}
        onChange={({ currentTarget: { value } }) => setName(value)}
      />
      <button type="submit" className="button" disabled={name.trim() === ''}>
        {label}
      </button>
    </form>
  );
}
