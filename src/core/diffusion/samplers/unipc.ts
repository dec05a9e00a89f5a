import { accumulate, combine } from '../../array';
import type { Latent, Sampler } from '../types';
import { runSteps } from './run-steps';

/** Solves a small system of linear equations by elimination with pivoting. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, i) => [...row, right[i]]);
  const n = rows.length;
  for (let column = 0; column < n; column++) {
    let pivot = column;
    for (let i = column + 1; i < n; i++) if (Math.abs(rows[i][column]) > Math.abs(rows[pivot][column])) pivot = i;
    [rows[column], rows[pivot]] = [rows[pivot], rows[column]];
    for (let i = 0; i < n; i++) {
      if (i === column) continue;
      const factor = rows[i][column] / rows[column][column];
      for (let j = column; j <= n; j++) rows[i][j] -= factor * rows[column][j];
    }
  }
  return rows.map((row, i) => row[n] / row[i]);
}

interface Past {
  x0: Latent;
  sigma: number;
}

/**
 * One UniPC step from x at past[0] to sigma `next` (Zhao et al. 2023, algorithms 2 and 3, data prediction). With `end`,
 * the model's prediction at the landing point, it is the corrector.
 * @param past newest first, at least `order` of them.
 */
function unipcStep(
  x: Latent,
  past: readonly Past[],
  next: number,
  order: number,
  variant: 'bh1' | 'bh2',
  end?: Latent,
) {
  const [from] = past;
  const h = Math.log(from.sigma / next);
  const ratios = past.slice(1, order).map(({ sigma }) => Math.log(from.sigma / sigma) / h);
  const points = [...ratios, 1];
  const b = variant === 'bh1' ? -h : Math.expm1(-h);
  const right: number[] = [];
  let phi = Math.expm1(-h) / -h - 1;
  let factorial = 1;
  for (let k = 1; k <= order; k++) {
    right.push((phi * factorial) / b);
    factorial *= k + 1;
    phi = phi / -h - 1 / factorial;
  }
  const matrix = right.map((_, k) => points.map((p) => p ** k));
  let weights: number[];
  if (end) weights = order === 1 ? [0.5] : solve(matrix, right);
  else if (order === 2) weights = [0.5];
  else weights = solve(matrix.slice(0, -1).map((row) => row.slice(0, -1)), right.slice(0, -1)); // biome-ignore format: one thought
  // Weighted differences to the newest prediction, which is gathered in one share.
  const terms = ratios.map((ratio, k) => ({ weight: (-b * weights[k]) / ratio, x0: past[k + 1].x0 }));
  if (end) terms.push({ weight: -b * weights[order - 1], x0: end });
  const keep = next / from.sigma;
  const out = combine(keep, x, terms.reduce((share, { weight }) => share - weight, 1 - keep), from.x0); // biome-ignore format: one formula
  for (const { weight, x0 } of terms) accumulate(out, weight, x0);
  return out;
}

/**
 * UniPC: a multistep predictor whose landing point is corrected with the next step's model call, so that it costs
 * nothing. Lower orders at both ends, as diffusers' `lower_order_final` and A1111 have it; the last point is not
 * corrected.
 */
export const unipc: Sampler = (denoise, x, sigmas, options) => {
  const { order: maxOrder = 2, variant = 'bh2' } = options;
  const past: Past[] = [];
  let before: Latent | undefined;
  let used = 1;
  return runSteps(denoise, x, sigmas, options, ({ x, sigma, next, denoised: { x0 }, step, of }) => {
    const start = before ? unipcStep(before, past, sigma, used, variant, x0) : x;
    past.unshift({ x0, sigma });
    past.length = Math.min(past.length, maxOrder);
    before = start;
    used = Math.min(maxOrder, of - step, past.length);
    return next === 0 ? x0 : unipcStep(start, past, next, used, variant);
  });
};
