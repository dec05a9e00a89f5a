import type { Denoiser, Latent } from './types';

/** Data of the goldens: a mixture of isotropic Gaussians, whose best denoiser is known exactly. */
export interface Mixture {
  weights: number[];
  means: number[][];
  stds: number[];
}

export type GoldenDenoiser =
  | { kind: 'mixture'; mixture: string }
  | { kind: 'cfg'; cond: string; uncond: string; scale: number };

/** E[x0 | x] for x = x0 + sigma noise, x0 drawn from the mixture: its components' posterior means, weighted by how likely each is. */
export function mixtureMean(x: ArrayLike<number>, sigma: number, { weights, means, stds }: Mixture): Float64Array {
  const logs = weights.map((w, k) => {
    const variance = stds[k] ** 2 + sigma ** 2;
    const distance = means[k].reduce((sum, mu, i) => sum + (x[i] - mu) ** 2, 0);
    return Math.log(w) - distance / (2 * variance) - (means[k].length / 2) * Math.log(2 * Math.PI * variance);
  });
  const top = Math.max(...logs);
  const total = logs.reduce((sum, l) => sum + Math.exp(l - top), 0);
  const out = new Float64Array(x.length);
  weights.forEach((_, k) => {
    const share = Math.exp(logs[k] - top) / total;
    const pull = stds[k] ** 2 / (stds[k] ** 2 + sigma ** 2);
    for (let i = 0; i < out.length; i++) out[i] += share * (means[k][i] + pull * (x[i] - means[k][i]));
  });
  return out;
}

/** The denoiser that a golden case names. */
export function goldenDenoiser(spec: GoldenDenoiser, mixtures: Record<string, Mixture>): Denoiser {
  const mean = (name: string, x: Latent, sigma: number) => mixtureMean(x, sigma, mixtures[name]);
  switch (spec.kind) {
    case 'mixture':
      return async (x, sigma) => ({ x0: mean(spec.mixture, x, sigma) });
    case 'cfg':
      return async (x, sigma) => {
        const [cond, uncond] = [mean(spec.cond, x, sigma), mean(spec.uncond, x, sigma)];
        return { x0: uncond.map((u, i) => u + spec.scale * (cond[i] - u)), uncond };
      };
    default:
      spec satisfies never;
      throw new RangeError('Unknown golden denoiser.');
  }
}
