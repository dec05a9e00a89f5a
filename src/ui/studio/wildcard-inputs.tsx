import type { RefObject } from 'react';
import { addWildcardFolder } from '../../store/imports/word-files';
import { addWildcards } from '../../store/lists/wildcards';
import { texts } from '../../texts/studio';

interface WildcardInputsProps {
  files: RefObject<HTMLInputElement | null>;
  folder: RefObject<HTMLInputElement | null>;
}

/** The hidden fields behind the buttons that add lists. Emptied after each choice: the same can be chosen twice. */
export function WildcardInputs({ files, folder }: WildcardInputsProps) {
  return (
    <>
      <input
        ref={files}
        type="file"
        hidden
        multiple
        accept=".txt,text/plain"
        data-testid="wildcard-files"
        aria-label={texts.textFiles}
        onChange={({ currentTarget }) => {
          const chosen = Array.from(currentTarget.files ?? [], (file) => ({ path: file.name, file }));
          currentTarget.value = '';
          void addWildcards(chosen);
        }}
      />
      <input
        ref={folder}
        type="file"
        hidden
        data-testid="wildcard-folder"
        aria-label={texts.textFolder}
        // React has no name for it; every browser does.
        {...{ webkitdirectory: '' }}
        onChange={({ currentTarget }) => {
          const chosen = Array.from(currentTarget.files ?? [], (file) => ({ path: file.webkitRelativePath, file }));
          currentTarget.value = '';
          void addWildcardFolder(chosen);
        }}
      />
    </>
  );
}
