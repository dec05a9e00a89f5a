import { type RefObject, useRef } from 'react';
import { WEIGHTS_ENDINGS } from '../../core/file-kinds';
import { chooseFiles, startImport } from '../../store/imports/imports';
import { chooseFolder, openFolderFiles } from '../../store/library/open-entry';
import { texts } from '../../texts/models';
import './file-inputs.css';

/** Lets the person choose files or a folder; the fields stand in where the browser has no picker of its own. */
export function useFilePickers() {
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  return {
    files,
    folder,
    pickFiles: () => void chooseFiles(() => files.current?.click()),
    pickFolder: () => void chooseFolder(() => folder.current?.click()),
  };
}

interface FileInputsProps {
  files: RefObject<HTMLInputElement | null>;
  folder: RefObject<HTMLInputElement | null>;
  /** Tells the fields of one place from those of another in tests. */
  testId: string;
}

/** The hidden fields behind the pickers. Emptied before each choice, so that the same file can be chosen twice. */
export function FileInputs({ files, folder, testId }: FileInputsProps) {
  return (
    <>
      <input
        ref={files}
        className="file-input"
        type="file"
        accept={WEIGHTS_ENDINGS.join(',')}
        multiple
        data-testid={`${testId}-file`}
        aria-label={texts.modelFiles}
        tabIndex={-1}
        onClick={(event) => {
          event.currentTarget.value = '';
        }}
        onChange={({ currentTarget: { files } }) => {
          const chosen = Array.from(files ?? [], (file) => ({ file }));
          if (chosen.length > 0) void startImport(chosen, false);
        }}
      />
      <input
        ref={folder}
        className="file-input"
        type="file"
        data-testid={`${testId}-folder`}
        aria-label={texts.modelFolder}
        tabIndex={-1}
        // React has no name for it; every browser does.
        {...{ webkitdirectory: '' }}
        onClick={(event) => {
          event.currentTarget.value = '';
        }}
        onChange={({ currentTarget: { files } }) => {
          if (files && files.length > 0) void openFolderFiles(files);
        }}
      />
    </>
  );
}
