import { EaselError, said } from '../core/errors';
import type { Box, Picture } from '../core/image/picture';
import { runCommand } from './commands';
import { type CanvasDocument, placePainting } from './document/document';
import { NO_STAGING, shownCandidate, withCandidate, withoutCandidate } from './staging';
import type { StateHolder } from './state';
import type { StepLabel } from './step-label';

/**
 * What is done with paintings that are offered over the canvas.
 * @param commit makes a document with a painting in it the canvas, as one step of its history
 */
export function candidateCommands(
  { get, set }: StateHolder,
  commit: (label: StepLabel, document: CanvasDocument) => void,
) {
  return {
    /**
     * A finished painting offered at its place and shown. @throws EaselError `bad-request` when picture and box differ
     * in size
     */
    addCandidate(id: string, picture: Picture, box: Box): void {
      if (picture.width !== box.width || picture.height !== box.height)
        throw new EaselError(
          'bad-request',
          said`Candidate "${id}" is ${picture.width} x ${picture.height}, its place ${box.width} x ${box.height}. Resize it first.`,
        );
      set({ staging: withCandidate(get().staging, { id, picture, box }) });
    },
    /** Shows one candidate, or the canvas without any. */
    showCandidate: (id: string | undefined): void => set({ staging: { ...get().staging, shown: id } }),
    /**
     * The shown candidate becomes part of the picture, as one step; the others go until that is taken back. The mask is
     * hidden, which would lie over what was painted.
     * @throws EaselError `bad-request` when none is shown
     */
    accept({ clearMask = false } = {}): void {
      const candidate = shownCandidate(get().staging);
      if (!candidate) throw new EaselError('bad-request', said`No candidate is shown. Show the one to accept first.`);
      const placed = placePainting(get().document, candidate.picture, candidate.box.x, candidate.box.y);
      commit('Accept', clearMask ? runCommand(placed, 'clear-mask', 0) : placed);
      set({ staging: NO_STAGING, hidden: { ...get().hidden, mask: get().document.mask.tiles.size > 0 } });
    },
    /** One candidate goes, or all of them. */
    reject: (id?: string): void =>
      set({ staging: id === undefined ? NO_STAGING : withoutCandidate(get().staging, id) }),
  };
}
