import { Box, ChevronDown, FolderOpen } from 'lucide-react';
import { Popover } from 'radix-ui';
import { useRef } from 'react';
import { useEngine } from '../../store/engine';
import { openModel, STARTER } from '../../store/models';
import { openFolderFiles } from '../../store/recent-folders';
import './model-menu.css';

/** The open model, and how to open another. */
export function ModelMenu() {
  const model = useEngine((state) => state.model);
  const loading = useEngine(({ status }) => (status.kind === 'loading' ? status.loading.name : undefined));
  const input = useRef<HTMLInputElement>(null);
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
              Your own model: a diffusers folder of the Stable Diffusion 1.x family, with <code>model_index.json</code>,
              weights as <code>.safetensors</code>. Drop it on the page, or choose it here. It stays on this device.
            </p>
            <Popover.Close asChild>
              <button type="button" className="button" onClick={() => input.current?.click()}>
                <FolderOpen size={16} aria-hidden="true" />
                Open a model folder…
              </button>
            </Popover.Close>
            {model?.source.kind === 'folder' && (
              <Popover.Close asChild>
                <button type="button" className="button" onClick={() => void openModel(STARTER)}>
                  Back to the starter model
                </button>
              </Popover.Close>
            )}
          </Popover.Content>
        </Popover.Portal>
      </Popover.Root>
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
