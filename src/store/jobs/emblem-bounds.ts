import { create } from 'zustand';
import { cropPicture, type Picture } from '../../core/image/picture';
import type { PictureBound } from '../../engine/protocol';
import { errorText } from '../../texts/errors';
import { engine } from '../engine-port';
import { EMBLEMS_BASE } from '../library/emblems';
import { notify } from '../notices';
import { decodePicture } from '../reading/decode-picture';

/** Terms of the bound of the drawing of a class that the example was not trained on. */
interface EmblemBound extends PictureBound {
  label: number;
}

interface EmblemBounds {
  /** The newest of each class, in the order in which they came. */
  bounds: readonly EmblemBound[];
  computing: boolean;
}

/** What the page computed of the example's likelihood. */
export const useEmblemBounds = create<EmblemBounds>(() => ({ bounds: [], computing: false }));

/** As many terms as are computed, of a chain of so many. */
const TERMS = 24;
const CHAIN = 1000;

/** The timesteps whose terms are computed, counted from 0: closer together where there is little noise. */
export const BOUND_TIMESTEPS: readonly number[] = [
  ...new Set(Array.from({ length: TERMS }, (_, k) => Math.round(CHAIN ** (k / (TERMS - 1))) - 1)),
];

const SEED = 1;

/** Computes the bound of a class's held-out drawing under the example, which must be open. A failure is told. */
export async function computeBound(label: number): Promise<void> {
  useEmblemBounds.setState({ computing: true });
  try {
    const picture = await heldOutDrawing(label);
    const bound = await engine().bound({ picture, label, timesteps: BOUND_TIMESTEPS, seed: SEED });
    useEmblemBounds.setState(({ bounds }) => ({
      bounds: [...bounds.filter((other) => other.label !== label), { ...bound, label }],
    }));
  } catch (thrown) {
    notify(errorText(thrown));
  } finally {
    useEmblemBounds.setState({ computing: false });
  }
}

const SHEET = `${EMBLEMS_BASE}held-out.png`;
const SIDE = 32;

/** Drawings stand row by row, in the order of their labels. */
async function heldOutDrawing(label: number): Promise<Picture> {
  const sheet = await decodePicture(await (await fetch(SHEET)).blob(), SHEET);
  const columns = sheet.width / SIDE;
  const [x, y] = [(label % columns) * SIDE, Math.floor(label / columns) * SIDE];
  return cropPicture(sheet, { x, y, width: SIDE, height: SIDE });
}
