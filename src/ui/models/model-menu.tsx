import { Box, ChevronDown, FilePlus, FolderOpen, LayoutGrid, Undo2, X } from 'lucide-react';
import { Popover } from 'radix-ui';
import { useShallow } from 'zustand/react/shallow';
import { useEngine } from '../../store/engine';
import { entriesOf, useLibrary } from '../../store/library/library';
import { cancelLoading } from '../../store/library/models';
import { openEntry, openStarter } from '../../store/library/open-entry';
import { STARTER_ID } from '../../store/library/starter';
import { texts } from '../../texts/models';
import { MenuButton } from '../components/menu-button';
import { PopoverPanel } from '../components/popover-panel';
import { Sentence } from '../components/sentence';
import { FileInputs, useFilePickers } from './file-inputs';
import './model-menu.css';

/** As many of the models used last as a menu can hold; the models view has all. */
const RECENT = 5;

/** The open model, and how to open another. */
export function ModelMenu() {
  const model = useEngine((state) => state.model);
  const loading = useEngine(({ status }) => (status.kind === 'loading' ? status.loading.name : undefined));
  const recent = useLibrary(
    useShallow((state) =>
      entriesOf(['model'], state).filter(
        ({ record: { id }, access }) => id !== STARTER_ID && id !== model?.id && access !== 'drop-again',
      ),
    ),
  );
  const { pickFiles, pickFolder, ...inputs } = useFilePickers();
  return (
    <>
      <Popover.Root>
        <Popover.Trigger className="chip model-chip" data-testid="model">
          <Box size={14} aria-hidden="true" />
          <span>{loading ? texts.openingNamed(loading) : (model?.info.name ?? texts.noModel)}</span>
          <ChevronDown size={14} aria-hidden="true" />
        </Popover.Trigger>
        <PopoverPanel label={texts.model} align="start">
          <h2>{model?.info.name ?? texts.noModelIsOpen}</h2>
          {model?.info.summary && <p>{model.info.summary}</p>}
          <p>
            <Sentence of={texts.ownModel(<code>.safetensors</code>, <code>.ckpt</code>)} />
          </p>
          {loading && <MenuButton icon={X} text={texts.cancelOpening(loading)} onClick={cancelLoading} />}
          <MenuButton icon={FilePlus} text={texts.openFile} onClick={pickFiles} />
          <MenuButton icon={FolderOpen} text={texts.openFolder} onClick={pickFolder} />
          {recent.slice(0, RECENT).map(({ record: { id, name } }) => (
            <MenuButton key={id} icon={Box} text={name} onClick={() => void openEntry(id)} />
          ))}
          {!loading && model?.id !== STARTER_ID && (
            <MenuButton icon={Undo2} text={texts.backToStarter} onClick={() => void openStarter()} />
          )}
          <Popover.Close asChild>
            <a className="button" href="#models">
              <LayoutGrid size={16} aria-hidden="true" />
              {texts.allModels}
            </a>
          </Popover.Close>
        </PopoverPanel>
      </Popover.Root>
      <FileInputs {...inputs} testId="model" />
    </>
  );
}
