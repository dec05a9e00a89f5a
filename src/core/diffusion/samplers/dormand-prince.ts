import { branchlessMax, like } from '../../array';
import type { Latent } from '../types';

/**
 * Dormand and Prince 1980, table 2: nodes, and each stage's weights of the slopes before it. The last stage is the
 * solution of fifth order; `ERROR` is how far its weights are from those of fourth order.
 */
const NODES = [0, 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1, 1];
const STAGES = [
  [],
  [1 / 5],
  [3 / 40, 9 / 40],
  [44 / 45, -56 / 15, 32 / 9],
  [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729],
  [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656],
  [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84],
];
const FOURTH = [5179 / 57600, 0, 7571 / 16695, 393 / 640, -92097 / 339200, 187 / 2100, 1 / 40];
const LAST = STAGES.length - 1;
const ERROR = FOURTH.map((weight, j) => (STAGES[LAST][j] ?? 0) - weight);

/** A sum of x and predictions D_i: how much of each is in it. */
interface Shares {
  x: number;
  predictions: number[];
}

/**
 * The stages y_k = x + h sum_j a_kj (y_j - D_j), and the error h sum_j e_j (y_j - D_j), with every y_j written out: x
 * and the predictions are all they need, and no slope is ever stored.
 */
function sharesOf(h: number): { stages: Shares[]; error: Shares } {
  const stages: Shares[] = [];
  const sum = (x: number, weights: readonly number[]): Shares => {
    const shares = { x, predictions: weights.map((a) => -h * a) };
    for (const [j, a] of weights.entries()) {
      shares.x += h * a * stages[j].x;
      for (const [i, share] of stages[j].predictions.entries()) shares.predictions[i] += h * a * share;
    }
    return shares;
  };
  for (const weights of STAGES) stages.push(sum(1, weights));
  return { stages, error: sum(0, ERROR) };
}

type WriteStage = (
  out: Latent,
  x: Latent,
  s: number,
  shares: readonly number[],
  predictions: readonly Latent[],
) => void;

/**
 * Write a stage of one, two, ... predictions into `out` in one pass, since each pass over latents costs as much as
 * three terms. A function for each, so that V8 knows in each that its shares are numbers.
 */
const WRITE_STAGE: readonly WriteStage[] = [
  (out, x, s, [a], [p]) => {
    const n = out.length;
    for (let i = 0; i < n; i++) out[i] = s * x[i] + a * p[i];
  },
  (out, x, s, [a, b], [p, q]) => {
    const n = out.length;
    for (let i = 0; i < n; i++) out[i] = s * x[i] + a * p[i] + b * q[i];
  },
  (out, x, s, [a, b, c], [p, q, r]) => {
    const n = out.length;
    for (let i = 0; i < n; i++) out[i] = s * x[i] + a * p[i] + b * q[i] + c * r[i];
  },
  (out, x, s, [a, b, c, d], [p, q, r, u]) => {
    const n = out.length;
    for (let i = 0; i < n; i++) out[i] = s * x[i] + a * p[i] + b * q[i] + c * r[i] + d * u[i];
  },
  (out, x, s, [a, b, c, d, e], [p, q, r, u, v]) => {
    const n = out.length;
    for (let i = 0; i < n; i++) out[i] = s * x[i] + a * p[i] + b * q[i] + c * r[i] + d * u[i] + e * v[i];
  },
];

/**
 * Writes the last stage into `end` and, since all it needs is at hand, the error but for the share of the prediction
 * that is to come into `error`.
 */
function writeEnd(
  end: Latent,
  error: Latent,
  x: Latent,
  { x: s, predictions: [a, b, c, d, e, f] }: Shares,
  { x: es, predictions: [ea, eb, ec, ed, ee, ef] }: Shares,
  [p, q, r, u, v, w]: readonly Latent[],
): void {
  const n = end.length;
  for (let i = 0; i < n; i++) {
    const xi = x[i];
    const pi = p[i];
    const qi = q[i];
    const ri = r[i];
    const ui = u[i];
    const vi = v[i];
    const wi = w[i];
    const at = s * xi + a * pi + b * qi + c * ri + d * ui + e * vi + f * wi;
    const off = es * xi + ea * pi + eb * qi + ec * ri + ed * ui + ee * vi + ef * wi;
    end[i] = at;
    error[i] = off;
  }
}

export interface Tolerance {
  relative: number;
  absolute: number;
}

/**
 * Root mean square of the error from x to `end`, each element relative to its tolerance (Hairer et al. 1993, section
 * II.4). The error is what `writeEnd` wrote and `share` of the last prediction.
 */
function sizeOf(
  error: Latent,
  share: number,
  prediction: Latent,
  x: Latent,
  end: Latent,
  { relative, absolute }: Tolerance,
): number {
  const n = x.length;
  let sum = 0;
  for (let i = 0; i < n; i++) {
    const largest = branchlessMax(Math.abs(x[i]), Math.abs(end[i]));
    const off = (error[i] + share * prediction[i]) / (absolute + relative * largest);
    sum += off * off;
  }
  return Math.sqrt(sum / n);
}

export interface OdeStep {
  t: number;
  x: Latent;
  prediction: Latent;
}

/**
 * Solves dx/dt = x - D(x, t) from `from` to `to` by Dormand-Prince 5(4) with error control: a general-purpose solver,
 * since any slope can be written so. The last stage of a step is the first of the next.
 * @param predict D, as an array that nobody changes during the step.
 * @param onStep called at the start of every step that is tried; x holds until it returns.
 * @returns x at `to`.
 */
export async function dormandPrince(
  predict: (x: Latent, t: number) => Promise<Latent>,
  x: Latent,
  [from, to]: readonly [number, number],
  tolerance: Tolerance,
  onStep?: (step: OdeStep) => void | Promise<void>,
): Promise<Latent> {
  let t = from;
  let h = (to - from) / 20;
  // All that steps write, made once: fresh memory costs more than the sums in it. The last stage is where the step
  // ends.
  let now: Latent = x.slice();
  let stage = like(x);
  const error = like(x);
  let prediction = await predict(now, t);
  while ((to - t) * Math.sign(to - from) > Math.abs(to - from) * 1e-12) {
    await onStep?.({ t, x: now, prediction });
    if (Math.abs(h) > Math.abs(to - t)) h = to - t;
    const shares = sharesOf(h);
    const predictions = [prediction];
    for (let k = 1; k <= LAST; k++) {
      if (k < LAST) WRITE_STAGE[k - 1](stage, now, shares.stages[k].x, shares.stages[k].predictions, predictions);
      else writeEnd(stage, error, now, shares.stages[k], shares.error, predictions);
      predictions.push(await predict(stage, t + NODES[k] * h));
    }
    const off = sizeOf(error, shares.error.predictions[LAST], predictions[LAST], now, stage, tolerance);
    if (off <= 1) {
      t += h;
      [now, stage] = [stage, now];
      prediction = predictions[LAST];
    }
    h *= Math.min(5, Math.max(0.2, 0.9 * off ** -0.2));
  }
  return now;
}
