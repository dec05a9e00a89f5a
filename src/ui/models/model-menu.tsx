import { Box, ChevronDown, FileBox, FileClock, FolderClock, FolderOpen, Undo2 } from 'lucide-react';
import { Popover } from 'radix-ui';
import { useRef } from 'react';
import { takeAdapter } from '../../store/adapters';
import { useEngine } from '../../store/engine';
import { openModel, STARTER } from '../../store/models';
import {
  chooseFile,
  chooseFolder,
  openFile,
  openFolderFiles,
  openHandle,
  useRecentFolders,
} from '../../store/recent-folders';
import { MenuButton } from './menu-button';
import './model-menu.css';

/** A file from the field may as well be a LoRA or an embedding. */
async function openOrAdd(file: File): Promise<void> {
  if (!(await takeAdapter(file))) await openFile(file);
}

/** The open model, and how to open another. */
export function ModelMenu() {
  const model = useEngine((state) => state.model);
  const loading = useEngine(({ status }) => (status.kind === 'loading' ? status.loading.name : undefined));
  const recent = useRecentFolders((state) => state.folders);
  const input = useRef<HTMLInputElement>(null);
  const fileInput = useRef<HTMLInputElement>(null);
  return (
    <>
      <Popover.Root>
        <Popover.Trigger className="chip model-chip" data-testid="model">
          <Box size={14} aria-hidden="true" />
          <span>{loading ? `Opening ${loading}` : (model?.info.name ?? 'No model')}</span>
          <ChevronDown size={14} aria-hidden="true" />
        </Popover.Trigger>
        <Popover.Portal>
          <Popover.Content className="popover" sideOffset={6} collisionPadding={8} align="start" aria-label="Model">
            <h2>{model?.info.name ?? 'No model is open'}</h2>
            {model?.info.summary && <p>{model.info.summary}</p>}
            <p>
              Your own model: a <code>.safetensors</code> checkpoint of Stable Diffusion 1.x, 2.x or XL, a diffusers
              folder, or an ONNX pack. Drop it on the page, or choose it here. It stays on this device.
            </p>
            <MenuButton
              icon={FileBox}
              text="Open a checkpoint, LoRA or embedding…"
              onClick={() => void chooseFile(() => fileInput.current?.click())}
            />
            <MenuButton
              icon={FolderOpen}
              text="Open a model folder…"
              onClick={() => void chooseFolder(() => input.current?.click())}
            />
            {recent.map(({ name, handle }) => (
              <MenuButton
                key={name}
                icon={handle.kind === 'file' ? FileClock : FolderClock}
                text={name}
                onClick={() => void openHandle(handle)}
              />
            ))}
            {model?.source.kind === 'folder' && (
              <MenuButton icon={Undo2} text="Back to the starter model" onClick={() => void openModel(STARTER)} />
            )}
          </Popover.Content>
        </Popover.Portal>
      </Popover.Root>
      <input
        ref={fileInput}
        className="model-input"
        type="file"
        accept=".safetensors"
        data-testid="model-file"
        aria-label="Checkpoint"
        tabIndex={-1}
        onClick={(event) => {
          event.currentTarget.value = '';
        }}
        onChange={({ currentTarget: { files } }) => {
          if (files?.[0]) void openOrAdd(files[0]);
        }}
      />
      <input
        ref={input}
        className="model-input"
        type="file"
        data-testid="model-folder"
        aria-label="Model folder"
        tabIndex={-1}
        // React has no name for it; every browser does.
        {...{ webkitdirectory: '' }}
        // Emptied before each choice, so that the same folder can be chosen twice.
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
