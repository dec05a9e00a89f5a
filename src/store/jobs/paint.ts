import type { WalkEnd } from '../../core/request/walk';
import { walkGrid } from '../../jobs/grid';
import type { DrawSeed } from '../../jobs/seeds';
import { showLatest } from '../gallery/gallery';
import { currentRequest, firstProblem, useSettings } from '../settings/settings';
import { enqueue } from './enqueue';

/**
 * Paints what the form says, after what already waits. Before a model is there it waits for one.
 * @returns false when a field is wrong, which its own message explains.
 */
export function paint(draw?: DrawSeed): boolean {
  const settings = useSettings.getState();
  if (firstProblem(settings)) return false;
  enqueue({ request: currentRequest(settings), sink: 'gallery' }, draw);
  showLatest();
  return true;
}

/**
 * Paints a walk from one seed or prompt to another, everything else as the form says, after what already waits.
 * @returns false when a field of the form is wrong.
 */
export function paintWalk(from: WalkEnd, to: WalkEnd, pictures: number, draw?: DrawSeed): boolean {
  const settings = useSettings.getState();
  if (firstProblem(settings)) return false;
  const request = { ...currentRequest(settings), ...from, batchCount: 1 };
  enqueue({ request, sink: 'walk', pictures: (parent) => walkGrid(parent, to, pictures) }, draw);
  return true;
}
