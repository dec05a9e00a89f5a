import { outputFor } from '../../core/diffusion/denoisers';
import { varianceExploding, variancePreserving } from '../../core/diffusion/noise-level';
import { type GoldenDenoiser, logDensity, mixtureScore, responsibilities } from '../../core/diffusion/theory/mixture';
import { formula, goldenClean, mixtureOf, vector } from './formula';
import type { Checker } from './golden';

/** c_denoiser.json: what is known of a mixture at one noise level; a case names a mixture, or a guided pair of them. */
export const checkMixture: Checker = (golden, file) => {
  const x = vector(golden.x);
  const level =
    golden.form === 'vp' ? variancePreserving(Number(golden.alphas_cumprod)) : varianceExploding(Number(golden.sigma));
  const spec = (golden.denoiser ?? { kind: 'mixture', mixture: golden.mixture }) as GoldenDenoiser;
  const x0 = goldenClean(spec, file, x, level);
  const mixture = () => mixtureOf(file, golden.mixture);
  const known: Record<string, () => ArrayLike<number> | number> = {
    denoised: () => x0,
    epsilon: () => outputFor('epsilon', x, level, x0),
    v: () => outputFor('v_prediction', x, level, x0),
    responsibilities: () => responsibilities(x, level, mixture()),
    log_density: () => logDensity(x, level, mixture()),
    score: () => mixtureScore(x, level, mixture()),
  };
  return Object.keys(known)
    .filter((field) => field in golden)
    .map((field) => formula(field, known[field](), golden[field]));
};
