import { type ComponentType, lazy, useSyncExternalStore } from 'react';
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

/**
 * A view that comes when it is first asked for.
 * @throws ViewNotLoaded while it is drawn, where it cannot come: no network, a newer version on the server
 */
function later(load: () => Promise<{ default: ComponentType }>): Pick<View, 'Body' | 'loadAgain'> {
  const attempt = (prepare?: () => Promise<void>) =>
    lazy(async () => {
      try {
        await prepare?.();
        return await load();
      } catch (cause) {
        throw new ViewNotLoaded(String(cause), { cause });
      }
    });
  let Loaded = attempt();
  return {
    Body: () => <Loaded />,
    loadAgain() {
      Loaded = attempt(reloadStyleSheets);
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
