import { StrictMode } from 'react';
import type { Root } from 'react-dom/client';
import { createEngineClient } from './engine/client';
import { ensureIsolated } from './engine/isolation';
import { spawnWorker } from './engine/spawn';
import { trustScripts } from './engine/trusted-scripts';
import workerScript from './engine/worker?worker&url';
import { keepCanvas } from './store/canvas';
import { createCanvasDb } from './store/canvas-db';
import { openDatabase } from './store/database';
import { connectEngine } from './store/engine-port';
import { connectGallery } from './store/gallery';
import { createGalleryDb } from './store/gallery-db';
import { keepWatch, setPromptsAside, watchStart } from './store/hung-start';
import { connectLibrary } from './store/library';
import { createLibraryDb } from './store/library-db';
import { engineSilent, engineStopped } from './store/models';
import { offerLibrary } from './store/offer-library';
import { openStarter } from './store/open-entry';
import { pageStorage } from './store/page-storage';
import { keepPainting } from './store/paint';
import { keepPreferences } from './store/preferences';
import { keepPromptHistory } from './store/prompt-history';
import { connectReaders } from './store/reading/read-apart';
import readerScript from './store/reading/worker?worker&url';
import { keepSettings } from './store/settings';
import { watchUnsaved } from './store/unsaved';
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

/** Puts the page together: engine, stores, then React. */
export async function start(root: Root): Promise<void> {
  const trusted = trustScripts([workerScript, readerScript, SERVICE_WORKER]);
  if (await ensureIsolated(window, trusted(SERVICE_WORKER))) return; // the page is about to reload
  const spawn = () => spawnWorker(trusted(workerScript), navigator.locks);
  const engine = createEngineClient(spawn, document.baseURI, { onStopped: engineStopped, onSilence: engineSilent });
  connectEngine(engine);
  connectReaders(() => new Worker(trusted(readerScript), { type: 'module' }));
  const plotted = async () => (await import('./ui/lab/plotted')).plotted();
  window.easel = { statistics: () => engine.statistics(), plotted };
  const storage = pageStorage();
  const watch = watchStart(storage);
  watchUnsaved();
  keepPreferences(storage);
  keepSettings(storage);
  keepPromptHistory(storage);
  if (watch.hung) setPromptsAside((text) => void copyText(text, 'Prompt copied.'));
  keepWatch(watch);
  keepPainting();
  const database = openDatabase();
  void connectGallery(createGalleryDb(database));
  void connectLibrary(createLibraryDb(database)).then(offerLibrary);
  void keepCanvas(createCanvasDb(database));
  void openStarter();
  root.render(
    <StrictMode>
      <Boundary fallback={(failure) => <PageFailure {...failure} />}>
        <App onShown={watch.end} />
      </Boundary>
    </StrictMode>,
  );
}
