import { checkSize, isOpaque, type Picture, type Size } from '../core/image/picture';
import { pictureToUnitPlanes } from '../core/image/planes';
import { type Filter, resizePicture } from '../core/image/resample';
import { withinMemory } from '../core/image/within-memory';
import type { RunningUpscaler } from '../model/running/running-upscaler';

/** What makes a picture larger: a filter, or a network. */
export type Upscaler = { kind: 'filter'; filter: Filter } | { kind: 'network'; network: RunningUpscaler };

export interface UpscaleHooks {
  signal?: AbortSignal;
  /** Hears how far it is: tiles that are done, and all of them. */
  onTile?(done: number, of: number): void;
}

/** A1111 lets a network enlarge so often at most; what is missing then is for the filter. */
const MOST_ROUNDS = 3;

/**
 * A picture at another size, as A1111's Extras have it: a network enlarges until it is large enough, and Lanczos then
 * brings it to the size. Alpha is kept, resized by Lanczos.
 * @throws EaselError `bad-request` for a size beyond 8192 pixels a side, `out-of-memory`
 */
export async function upscalePicture(
  picture: Picture,
  to: Size,
  upscaler: Upscaler,
  hooks: UpscaleHooks = {},
): Promise<Picture> {
  checkSize(to);
  return withinMemory(to, async () => {
    if (upscaler.kind === 'filter') return resizePicture(picture, to, upscaler.filter);
    return throughNetwork(picture, to, upscaler.network, hooks);
  });
}

async function throughNetwork(
  picture: Picture,
  to: Size,
  network: RunningUpscaler,
  hooks: UpscaleHooks,
): Promise<Picture> {
  let large = picture;
  for (let i = 0; i < MOST_ROUNDS && (large.width < to.width || large.height < to.height); i++) {
    if (network.scale <= 1 && i > 0) break;
    large = await enlarged(large, network, hooks);
  }
  return resizePicture(large, to);
}

async function enlarged(picture: Picture, network: RunningUpscaler, hooks: UpscaleHooks): Promise<Picture> {
  const { width, height } = picture;
  const size = { width: width * network.scale, height: height * network.scale };
  const out = opaque(size);
  await network.enlarge(
    pictureToUnitPlanes(picture),
    picture,
    ({ rows, first, count }) => {
      const pixels = count * size.width;
      // The clamped array rounds and clamps.
      for (let c = 0; c < 3; c++)
        for (let i = 0; i < pixels; i++) out.data[4 * (first * size.width + i) + c] = rows[c * pixels + i] * 255;
    },
    hooks,
  );
  if (!isOpaque(picture)) copyAlpha(out, resizePicture(picture, size));
  return out;
}

/** Before it is brought to the size asked, a picture may be larger than those that the page takes. */
function opaque({ width, height }: Size): Picture {
  return { width, height, data: new Uint8ClampedArray(4 * width * height).fill(255) };
}

function copyAlpha(to: Picture, from: Picture): void {
  for (let i = 3; i < to.data.length; i += 4) to.data[i] = from.data[i];
}
