import { type NoiseKind, type NormalGenerator, seededNormal } from '../../random';
import type { Latent } from '../types';

/** Of a latent, in cells. */
export interface LatentShape {
  channels: number;
  height: number;
  width: number;
}

/** What decides the noise that a run starts from. */
export interface SeedNoise {
  /** 0 .. 2^32 - 1 */
  seed: number;
  noiseSource?: NoiseKind;
  /** Another seed whose noise is mixed in, and how much of it: 0 is none, 1 nothing else. */
  variationSeed?: number;
  variationStrength?: number;
  /** The size at which the seed's noise is drawn, in cells; the latent's own where left out. */
  resizedFrom?: { height: number; width: number };
}

const cellsOf = ({ channels, height, width }: LatentShape) => channels * height * width;

/**
 * The noise that a seed starts from, with A1111's extras (`ImageRNG.first` of modules/rng.py, 1.10): mixed with a
 * variation seed's, and drawn at another size so that a composition stays where the picture's size changes.
 * @param draw the seed's own generator. It draws one latent, whatever the extras, and goes on from there in the run.
 */
export function seedNoise(
  { seed, noiseSource, variationSeed = 0, variationStrength = 0, resizedFrom }: SeedNoise,
  shape: LatentShape,
  draw: NormalGenerator = seededNormal(seed, noiseSource),
): Latent {
  const own = draw(cellsOf(shape));
  const drawn = { ...shape, ...resizedFrom };
  const isResized = drawn.height !== shape.height || drawn.width !== shape.width;
  const plain = isResized ? seededNormal(seed, noiseSource)(cellsOf(drawn)) : own;
  if (variationStrength === 0 && !isResized) return plain;
  const varied =
    variationStrength === 0
      ? plain
      : slerpColumns(plain, seededNormal(variationSeed, noiseSource)(cellsOf(drawn)), variationStrength, drawn);
  return isResized ? pasted(varied, drawn, own, shape) : varied;
}

/** Noises of which the columns point this much the same way on the average are mixed in a straight line. */
const PARALLEL = 0.9995;

/**
 * Spherical interpolation of each column of each channel by itself, as A1111 mixes variations: its norms run over the
 * height alone.
 */
export function slerpColumns(from: Latent, to: Latent, share: number, shape: LatentShape): Float32Array {
  const { channels, height, width } = shape;
  const columns = channels * width;
  const first = (column: number) => Math.floor(column / width) * height * width + (column % width);
  const cosines = Float64Array.from({ length: columns }, (_, column) => {
    let [dot, a, b] = [0, 0, 0];
    for (let y = 0, i = first(column); y < height; y++, i += width) {
      dot += from[i] * to[i];
      a += from[i] ** 2;
      b += to[i] ** 2;
    }
    return dot / Math.sqrt(a * b);
  });
  const isStraight = cosines.reduce((sum, cosine) => sum + cosine, 0) / columns > PARALLEL;
  const out = new Float32Array(from.length);
  for (let column = 0; column < columns; column++) {
    const angle = Math.acos(Math.min(1, Math.max(-1, cosines[column])));
    const sine = Math.sin(angle);
    const [a, b] =
      isStraight || sine === 0
        ? [1 - share, share]
        : [Math.sin((1 - share) * angle) / sine, Math.sin(share * angle) / sine];
    for (let y = 0, i = first(column); y < height; y++, i += width) out[i] = a * from[i] + b * to[i];
  }
  return out;
}

/**
 * The middle of one noise in the middle of another, as A1111 pastes it: where the smaller one is larger along a side,
 * an even number of its cells is cut there.
 */
function pasted(small: Latent, from: LatentShape, large: Latent, to: LatentShape): Latent {
  const across = placed(from.width, to.width);
  const down = placed(from.height, to.height);
  const out = large.slice() as Latent;
  for (let c = 0; c < to.channels; c++)
    for (let y = 0; y < down.count; y++)
      for (let x = 0; x < across.count; x++)
        out[(c * to.height + down.at + y) * to.width + across.at + x] =
          small[(c * from.height + down.from + y) * from.width + across.from + x];
  return out;
}

/** Along one side: from which cell on, how many, and where they come to stand. */
function placed(from: number, to: number): { from: number; at: number; count: number } {
  const offset = Math.floor((to - from) / 2);
  return offset >= 0 ? { from: 0, at: offset, count: from } : { from: -offset, at: 0, count: from + 2 * offset };
}
