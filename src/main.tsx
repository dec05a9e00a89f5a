import { StrictMode } from 'react';
import type { Root } from 'react-dom/client';
import { createEngineClient } from './engine/client';
import { ensureIsolated } from './engine/isolation';
import { spawnWorker } from './engine/spawn';
import { trustScripts } from './engine/trusted-scripts';
import workerScript from './engine/worker?worker&url';
import libraryScript from './library/worker?worker&url';
import { persistCanvas } from './store/canvas/canvas';
import { createCanvasDb } from './store/canvas/canvas-db';
import { followMaskOverlay } from './store/canvas/mask-overlay';
import { followCanvas } from './store/canvas/suit-canvas';
import { connectEngine } from './store/engine-port';
import { connectAutosave, createAutosaveDb } from './store/gallery/autosave';
import { connectBoards, createBoardsDb } from './store/gallery/boards';
import { connectGallery } from './store/gallery/gallery';
import { createGalleryDb } from './store/gallery/gallery-db';
import { connectFolders, createFoldersDb } from './store/jobs/earlier-folders';
import { followLive } from './store/jobs/live';
import { persistJobs } from './store/jobs/persist-jobs';
import { createQueueDb } from './store/jobs/queue-db';
import { startQueue } from './store/jobs/run-jobs';
import { attachLibrary } from './store/library/attach-library';
import { connectDownloads } from './store/library/downloads';
import { keepWatch, setPromptsAside, watchStart } from './store/library/hung-start';
import { connectLibrary } from './store/library/library';
import { createLibraryDb } from './store/library/library-db';
import { browserLibraryPorts, connectLibraryPorts } from './store/library/library-ports';
import { takeOverCopies } from './store/library/maintenance';
import { followDevice, persistMemory } from './store/library/memory';
import { engineSilent, engineStopped } from './store/library/models';
import { openStarter } from './store/library/open-entry';
import { persistSiteKeys } from './store/library/site-keys';
import { expectStarter, expectsCpu } from './store/library/starter';
import { connectStyles, createStylesDb } from './store/lists/styles';
import { connectTags, createTagsDb } from './store/lists/tags';
import { connectWildcards, createWildcardsDb } from './store/lists/wildcards';
import { openDatabase } from './store/persistence/database';
import { pageStorage } from './store/persistence/page-storage';
import { watchUnsaved } from './store/persistence/unsaved';
import { watchInstall } from './store/program/install';
import { connectVersions } from './store/program/versions';
import { connectReaders } from './store/reading/read-apart';
import readerScript from './store/reading/worker?worker&url';
import { persistModelSettings } from './store/settings/model-settings';
import { persistPreferences } from './store/settings/preferences';
import { connectPresets, createPresetsDb } from './store/settings/presets';
import { persistPromptHistory } from './store/settings/prompt-history';
import { persistSettings } from './store/settings/settings';
import { texts } from './texts/store';
import { App } from './ui/app/app';
import { Boundary } from './ui/app/boundary';
import { PageFailure } from './ui/app/failures';
import { copyText } from './ui/components/clipboard';
import type { Series } from './ui/lab/plotted';

declare global {
  interface Window {
    /** What the browser tests read; nothing on the page uses it. */
    easel?: {
      statistics: ReturnType<typeof createEngineClient>['statistics'];
      plotted(): Promise<Record<string, readonly Series[]>>;
    };
  }
}

const SERVICE_WORKER = './service-worker.js';

/** The development server has none: what it serves changes. */
async function registerServiceWorker(script: string): Promise<ServiceWorkerRegistration | undefined> {
  if (import.meta.env.DEV) return undefined;
  return navigator.serviceWorker?.register(script, { updateViaCache: 'none' });
}

/** Puts the page together: engine, stores, then React. */
export async function start(root: Root): Promise<void> {
  const trusted = trustScripts([workerScript, readerScript, libraryScript, SERVICE_WORKER]);
  watchInstall();
  const register = () => registerServiceWorker(trusted(SERVICE_WORKER));
  if (await ensureIsolated(window, register)) return; // the page is about to reload
  const spawn = () => spawnWorker(trusted(workerScript), navigator.locks);
  const engine = createEngineClient(spawn, document.baseURI, { onStopped: engineStopped, onSilence: engineSilent });
  connectEngine(engine);
  connectReaders(() => new Worker(trusted(readerScript), { type: 'module' }));
  const plotted = async () => (await import('./ui/lab/plotted')).plotted();
  window.easel = { statistics: () => engine.statistics(), plotted };
  const storage = pageStorage();
  const watch = watchStart(storage);
  watchUnsaved();
  persistPreferences(storage);
  const onCpu = expectsCpu();
  persistSettings(storage);
  persistModelSettings(storage);
  persistPromptHistory(storage);
  persistSiteKeys(storage, window);
  persistMemory(storage);
  followDevice();
  if (watch.hung) setPromptsAside((text) => void copyText(text, texts.promptCopied));
  keepWatch(watch);
  startQueue();
  followLive();
  const database = openDatabase();
  void connectGallery(createGalleryDb(database)).then(() => connectAutosave(createAutosaveDb(database)));
  void connectBoards(createBoardsDb(database));
  void connectStyles(createStylesDb(database));
  void connectPresets(createPresetsDb(database));
  void connectWildcards(createWildcardsDb(database)).then(() => connectTags(createTagsDb(database)));
  connectLibraryPorts(
    browserLibraryPorts(() => new Worker(trusted(libraryScript), { type: 'module', name: 'easel-library' })),
  );
  void connectLibrary(createLibraryDb(database)).then(takeOverCopies).then(attachLibrary).then(connectDownloads);
  persistJobs(createQueueDb(database));
  connectFolders(createFoldersDb(database));
  void persistCanvas(createCanvasDb(database));
  followCanvas();
  followMaskOverlay();
  void openStarter();
  void connectVersions(register);
  expectStarter(await onCpu);
  root.render(
    <StrictMode>
      <Boundary fallback={(failure) => <PageFailure {...failure} />}>
        <App onShown={watch.end} />
      </Boundary>
    </StrictMode>,
  );
}
