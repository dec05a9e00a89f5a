import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createEngineClient } from './engine/client';
import { ensureIsolated } from './engine/isolation';
import { keepCanvas } from './store/canvas';
import { createCanvasDb } from './store/canvas-db';
import { openDatabase } from './store/database';
import { connectEngine } from './store/engine-port';
import { connectGallery } from './store/gallery';
import { createGalleryDb } from './store/gallery-db';
import { keepWatch, setPromptsAside, watchStart } from './store/hung-start';
import { connectLibrary } from './store/library';
import { createLibraryDb } from './store/library-db';
import { offerLibrary } from './store/offer-library';
import { openStarter } from './store/open-entry';
import { pageStorage } from './store/page-storage';
import { keepPainting } from './store/paint';
import { keepPreferences } from './store/preferences';
import { keepPromptHistory } from './store/prompt-history';
import { keepSettings } from './store/settings';
import { watchUnsaved } from './store/unsaved';
import { App } from './ui/app/app';
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

/** Puts the page together: engine, stores, then React. */
async function start(): Promise<void> {
  if (await ensureIsolated(window)) return; // the page is about to reload
  const spawn = () => new Worker(new URL('./engine/worker.ts', import.meta.url), { type: 'module' });
  const engine = createEngineClient(spawn, document.baseURI);
  connectEngine(engine);
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
  const root = document.getElementById('root');
  if (!root) throw new Error('index.html has no #root.');
  createRoot(root).render(
    <StrictMode>
      <App onShown={watch.end} />
    </StrictMode>,
  );
}

void start();
