import { accumulate, combine, scaled } from '../../array';
import type { Latent, NoiseSource } from '../types';

/**
 * How fine the tree of midpoints is; between two neighbours (0.1 % of the whole range in log sigma) the path is bridged
 * once more.
 */
const DEPTH = 10;

/** A 32-bit mix of two integers (the finaliser of MurmurHash3), so that neighbouring nodes get unrelated seeds. */
function mixed(seed: number, node: number): number {
  let h = (seed ^ Math.imul(node, 0x9e3779b1)) >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** The low bits of a number's representation, to name a point that is no node of the tree. */
function bitsOf(value: number): number {
  const [low, high] = new Uint32Array(Float64Array.of(value).buffer);
  return mixed(low, high);
}

/**
 * Noise of one Brownian path W over sigma in [sigmaMin, sigmaMax], as the SDE samplers need it: for a step from sigma
 * to next, (W(sigma) - W(next)) / sqrt(sigma - next), which is standard normal. It is consistent under refinement: the
 * noise of a step is the properly weighted sum of the noises of any steps it is split into, in whatever order they are
 * asked for, and the same seed walks the same path with any number of steps (as k-diffusion's BrownianTreeNoiseSampler,
 * by the virtual tree of Li et al. 2020).
 * @param draw n standard normal numbers for a seed of 0 .. 2^32 - 1.
 */
export function brownianNoise(
  seed: number,
  [sigmaMin, sigmaMax]: readonly [number, number],
  n: number,
  draw: (seed: number, n: number) => Latent,
): NoiseSource {
  const [low, high] = [Math.log(sigmaMin), Math.log(sigmaMax)];
  const span = high - low;
  const end = scaled(Math.sqrt(sigmaMax - sigmaMin), draw(mixed(seed, 1), n));
  const zero = scaled(0, end);

  /** W at `at` given W at both neighbours: a Brownian bridge in the clock sigma. */
  const bridge = (a: Point, b: Point, at: number, node: number): Point => {
    const share = (at - a.sigma) / (b.sigma - a.sigma);
    const deviation = Math.sqrt((at - a.sigma) * (1 - share));
    const mean = combine(1 - share, a.w, share, b.w);
    return { sigma: at, w: accumulate(mean, deviation, draw(mixed(seed, node), n)) };
  };

  // The nodes on the way to the point that was asked for last: the way to its neighbour begins with the same ones.
  let way = new Map<number, Point>();
  const find = (sigma: number): Latent => {
    if (sigma <= sigmaMin) return zero;
    if (sigma >= sigmaMax) return end;
    let [a, b]: [Point, Point] = [
      { sigma: sigmaMin, w: zero },
      { sigma: sigmaMax, w: end },
    ];
    let [from, to] = [low, high];
    const before = way;
    way = new Map();
    for (let depth = 1, index = 0; depth <= DEPTH; depth++) {
      const middle = (from + to) / 2;
      const node = 2 ** depth + index;
      const point = before.get(node) ?? bridge(a, b, Math.exp(middle), node);
      way.set(node, point);
      if (point.sigma === sigma) return point.w;
      const upper = sigma > point.sigma;
      index = 2 * index + (upper ? 1 : 0);
      if (upper) [a, from] = [point, middle];
      else [b, to] = [point, middle];
    }
    return bridge(a, b, sigma, bitsOf((Math.log(sigma) - low) / span)).w;
  };

  // A run asks for the same ends again and again: each step begins where the last one ended.
  const recent = new Map<number, Latent>();
  const at = (sigma: number): Latent => {
    const known = recent.get(sigma) ?? find(sigma);
    recent.delete(sigma);
    recent.set(sigma, known);
    if (recent.size > 3) recent.delete(recent.keys().next().value as number);
    return known;
  };

  return (sigma = sigmaMax, next = sigmaMin) => {
    const gap = Math.abs(sigma - next);
    return combine(1 / Math.sqrt(gap), at(Math.max(sigma, next)), -1 / Math.sqrt(gap), at(Math.min(sigma, next)));
  };
}

interface Point {
  sigma: number;
  w: Latent;
}
