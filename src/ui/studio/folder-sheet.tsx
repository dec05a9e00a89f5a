import { FolderInput, FolderOutput } from 'lucide-react';
import { Dialog } from 'radix-ui';
import { useEffect, useRef } from 'react';
import { PICTURE_TYPES } from '../../store/canvas/picture-file';
import {
  folderProblem,
  paintFolder,
  recallFolders,
  stopFolder,
  takeEarlier,
  takeFolder,
  takeOutput,
  takePictures,
} from '../../store/jobs/folder-batch';
import { useFolder } from '../../store/jobs/folder-state';
import { pickFolder, picturesOf, zipOut } from '../../store/jobs/picture-folder';
import { spokenDuration } from '../../store/jobs/time-left';
import { canPickFolders } from '../../store/persistence/write-whole';
import { usePreferences } from '../../store/settings/preferences';
import { useSettings } from '../../store/settings/settings';
import { texts } from '../../texts/folder';
import { DialogSheet } from '../components/dialog-sheet';
import { NumberControl } from '../components/number-control';
import { saveFile } from '../components/save-file';

import './folder-sheet.css';

interface FolderSheetProps {
  open: boolean;
  onOpen(open: boolean): void;
}

/** Img2img over a folder: from where, to where, how, and how far it is. Closed, it goes on. */
export function FolderSheet({ open, onOpen }: FolderSheetProps) {
  return (
    <Dialog.Root open={open} onOpenChange={onOpen}>
      <DialogSheet className="folder-sheet" title={texts.title} onClose={() => onOpen(false)}>
        <FolderForm />
      </DialogSheet>
    </Dialog.Root>
  );
}

/** Apart from the sheet, so that it follows the settings only while that is open. */
function FolderForm() {
  const { from, to, isRunning, stopped, painted, there } = useFolder();
  const follows = usePreferences((state) => state.sizeFollowsFrame);
  const { width, height } = useSettings(({ values }) => values);
  useSettings(); // what the problem is read from
  const problem = folderProblem();
  const canWrite = canPickFolders();
  useEffect(() => void recallFolders(), []);
  const isReady = from !== undefined && (to !== undefined || !canWrite) && problem === undefined;
  const hasBegun = painted > 0 || there > 0;
  return (
    <div className="folder-form">
      <p>{texts.help}</p>
      <fieldset className="folder-choices" disabled={isRunning}>
        <Source canWrite={canWrite} />
        {canWrite ? <Target /> : <p className="folder-note">{texts.byZip}</p>}
      </fieldset>
      <fieldset className="folder-settings" disabled={isRunning}>
        <NumberControl name="denoisingStrength" />
      </fieldset>
      <p className="folder-note">{follows ? texts.followsPicture : texts.ofForm(width, height)}</p>
      {problem && <p role="alert">{problem}</p>}
      <Progress />
      {isRunning ? (
        <button type="button" className="button" onClick={stopFolder}>
          {texts.stop}
        </button>
      ) : (
        <button type="button" className="button" disabled={!isReady} onClick={() => void paintFolder(zipOut(saveFile))}>
          {hasBegun && stopped !== undefined ? texts.goOn : texts.start}
        </button>
      )}
    </div>
  );
}

function Source({ canWrite }: { canWrite: boolean }) {
  const input = useRef<HTMLInputElement>(null);
  const { from, earlier } = useFolder();
  return (
    <div className="folder-choice">
      <button
        type="button"
        className="button"
        onClick={() => (canWrite ? pick('read', takeFolder) : input.current?.click())}
      >
        <FolderInput size={16} aria-hidden="true" />
        <span>
          {texts.from}: {canWrite ? texts.chooseFolder : texts.choosePictures}
        </span>
      </button>
      {!from && earlier && (
        <button type="button" className="button" onClick={() => void takeEarlier()}>
          {texts.readAgain(earlier.name)}
        </button>
      )}
      {from && <span>{texts.chosen(from.name, from.pictures.length)}</span>}
      {from && from.leftOut > 0 && <span className="folder-note">{texts.leftOut(from.leftOut)}</span>}
      <input
        ref={input}
        type="file"
        hidden
        multiple
        accept={PICTURE_TYPES}
        data-testid="batch-pictures"
        onChange={({ currentTarget }) => {
          if (currentTarget.files?.length) takePictures(picturesOf([...currentTarget.files]));
          currentTarget.value = '';
        }}
      />
    </div>
  );
}

function Target() {
  const to = useFolder((state) => state.to);
  return (
    <div className="folder-choice">
      <button type="button" className="button" onClick={() => pick('readwrite', takeOutput)}>
        <FolderOutput size={16} aria-hidden="true" />
        <span>
          {texts.to}: {texts.chooseFolder}
        </span>
      </button>
      {to && <span>{to.name}</span>}
    </div>
  );
}

/** Has the person choose; dismissed, nothing changes. */
async function pick(
  mode: 'read' | 'readwrite',
  take: (handle: FileSystemDirectoryHandle) => Promise<void>,
): Promise<void> {
  const handle = await pickFolder(mode);
  if (handle) await take(handle);
}

function Progress() {
  const { from, isRunning, since, painted, there, failed, now, said, stopped } = useFolder();
  if (!from || (!isRunning && painted + there + failed === 0 && stopped === undefined)) return null;
  const of = from.pictures.length;
  const done = painted + there + failed;
  const each = painted > 0 ? (performance.now() - since) / (painted + failed) : undefined;
  const left = each === undefined ? undefined : spokenDuration(each * (of - done));
  return (
    <div className="folder-progress">
      <progress value={done} max={of} aria-label={texts.title} />
      <p role="status">
        {[texts.progress(done, of), there > 0 ? texts.there(there) : undefined, stopped].filter(Boolean).join(' · ')}
      </p>
      {isRunning && now !== undefined && <p className="folder-note">{texts.now(now, left)}</p>}
      {said.length > 0 && (
        <ul className="folder-said" aria-label={texts.notPainted}>
          {said.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      )}
    </div>
  );
}
