import { type ComponentType, useSyncExternalStore } from 'react';
import { paintCanvas } from '../../store/jobs/canvas-paint';
import { paint } from '../../store/jobs/paint';
import { texts } from '../../texts/app';
import { ViewNotLoaded } from './not-loaded';
import { PaintView } from './paint-view';
import { reloadStyleSheets } from './style-sheets';

interface View {
  /** What the address names it by, after the "#". */
  id: string;
  label: string;
  Body: ComponentType;
  /** Where its code comes later: fetches it once more the next time that the view is drawn. */
  loadAgain?(): void;
  /** What Ctrl+Enter does there. */
  paint(): boolean;
}

/**
 * The page's views, as the top bar lists them; the first is where the page starts. Those behind an import load when
 * they are asked for.
 */
export const VIEWS: readonly View[] = [
  { id: 'paint', label: texts.paint, Body: PaintView, paint },
  { id: 'canvas', label: texts.canvas, ...later(() => import('../canvas/canvas-view')), paint: paintCanvas },
  { id: 'gallery', label: texts.gallery, ...later(() => import('../gallery-view/gallery-view')), paint },
  { id: 'models', label: texts.models, ...later(() => import('../models/models-view')), paint },
  { id: 'lab', label: texts.lab, ...later(() => import('../lab/lab')), paint },
];

/** What has come of a view: nothing yet, all of it, or why it cannot come. */
type Loaded = { Body?: ComponentType; failure?: ViewNotLoaded };

const NOTHING: Loaded = {};

/**
 * A view that comes when it is first asked for. React's own `lazy` would hold it back: what has had a fallback is shown
 * 300 ms after that at the earliest.
 * @throws ViewNotLoaded while it is drawn, where it cannot come: no network, a newer version on the server
 */
function later(load: () => Promise<{ default: ComponentType }>): Pick<View, 'Body' | 'loadAgain'> {
  let loaded: Loaded | undefined;
  let prepare: (() => Promise<void>) | undefined;
  const listeners = new Set<() => void>();
  const become = (now: Loaded) => {
    loaded = now;
    for (const listener of listeners) listener();
  };
  const begin = async () => {
    loaded = NOTHING;
    try {
      await prepare?.();
      become({ Body: (await load()).default });
    } catch (cause) {
      become({ failure: new ViewNotLoaded(String(cause), { cause }) });
    }
  };
  const subscribe = (listener: () => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  return {
    Body() {
      if (!loaded) void begin();
      const { Body, failure } = useSyncExternalStore(subscribe, () => loaded ?? NOTHING);
      if (failure) throw failure;
      return Body ? <Body /> : <p className="view-loading">{texts.opening}</p>;
    },
    loadAgain() {
      prepare = reloadStyleSheets;
      loaded = undefined;
    },
  };
}

/** The view that the address names, so that reload, back and forward stay right; the first where it names none. */
export function useView(): View {
  const id = useSyncExternalStore(onHashChange, () => window.location.hash.slice(1));
  return VIEWS.find((view) => view.id === id) ?? VIEWS[0];
}

function onHashChange(changed: () => void): () => void {
  window.addEventListener('hashchange', changed);
  return () => window.removeEventListener('hashchange', changed);
}
