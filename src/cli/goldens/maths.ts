import { clamped, cleanFrom, noiseFrom } from '../../core/diffusion/denoisers';
import { diffused, varianceExploding } from '../../core/diffusion/noise-level';
import { edm, edmScalings } from '../../core/diffusion/process/edm';
import { fromNetwork } from '../../core/diffusion/process/from-network';
import { edmLoss, edmTrainingSigma, edmWeight } from '../../core/diffusion/theory/edm-training';
import {
  boundTerm,
  chainLevel,
  type DiagonalGaussian,
  type DiffusionChain,
  modelStep,
  posteriorCoefficients,
  posteriorLogVariance,
  posteriorMean,
  posteriorVariance,
  priorTerm,
  type StepOptions,
  variationalBound,
} from '../../core/diffusion/theory/gaussian-diffusion';
import { logLikelihoods, normalKl, SMALLEST_PROBABILITY } from '../../core/diffusion/theory/likelihood';
import type { GoldenDenoiser } from '../../core/diffusion/theory/mixture';
import type { Latent } from '../../core/diffusion/types';
import { formula, goldenChain, goldenClean, vector } from './formula';
import { type Checker, type Comparison, FORMULA_TOLERANCE, type GoldenCase, type GoldenFile } from './golden';

/** c_diffusion_math.json: the chain of DDPM and its variational bound. */
export const checkDiffusionMaths: Checker = (golden, file) => {
  switch (golden.fn) {
    case 'q':
      return checkForward(golden);
    case 'vlb_term':
      return checkBoundTerm(golden, file);
    case 'prior_bpd':
      return [checkPrior('prior_bits_per_dim', golden, goldenChain(golden))];
    case 'calc_bpd_loop':
      return checkWholeBound(golden, file);
    case 'normal_kl_nats':
      return checkKl(golden);
    case 'discretized_gaussian_log_likelihood_nats':
      return checkLikelihood(golden);
    default:
      throw new RangeError(`No formula "${golden.fn}" is known.`);
  }
};

const stepOptions = (golden: GoldenCase): StepOptions => ({
  varianceType: golden.variance_type as StepOptions['varianceType'],
  clip: golden.clip_denoised === true,
});

/** The goldens' model of a learned variance (their README): sin(3 x + t / 100). */
function varianceOutput(x: Latent, t: number): Float64Array {
  return Float64Array.from(x, (value) => Math.sin(3 * value + 0.01 * t));
}

/**
 * The references add up a KL divergence from terms of size 1 + |log variance|, which all but cancel in a chain's noisy
 * end, and keep their rounding (1e-9 of 2e-7 bits); ours cancels them first.
 * @param logVariances of the Gaussians compared.
 */
function divergenceTolerance(bits: number, logVariances: ArrayLike<number>): number {
  const largest = Math.max(...Array.from(logVariances, Math.abs));
  return Math.max(FORMULA_TOLERANCE, (2 * Number.EPSILON * (1 + largest)) / bits);
}

/**
 * The tanh approximation takes a small probability p as 1 + tanh(-y), rounded to 2^-53 however small it is; so log p is
 * known to 2^-53 / p, where p is not clamped.
 * @param size what the error is relative to.
 */
function tanhTolerance(logs: Float64Array, size: number): number {
  const known = logs.filter((log) => log > Math.log(SMALLEST_PROBABILITY) && log < 0);
  return Math.max(FORMULA_TOLERANCE, ...known.map((log) => (2 * Number.EPSILON) / Math.exp(log) / size));
}

function checkForward(golden: GoldenCase): Comparison[] {
  const chain = goldenChain(golden);
  const t = Number(golden.t);
  const [x0, noise] = [vector(golden.x0), vector(golden.noise)];
  const x = diffused(x0, noise, chainLevel(chain, t));
  const coefficients = posteriorCoefficients(chain, t);
  return [
    formula('q_mean', diffused(x0, new Float64Array(x0.length), chainLevel(chain, t)), golden.q_mean),
    formula('q_variance', chain.variances[t], golden.q_variance),
    formula('q_log_variance', Math.log(chain.variances[t]), golden.q_log_variance),
    formula('x_t', x, golden.x_t),
    formula('posterior_mean', posteriorMean(chain, t, x0, x), golden.posterior_mean),
    formula('posterior_variance', posteriorVariance(chain, t), golden.posterior_variance),
    formula('posterior_log_variance_clipped', posteriorLogVariance(chain, t), golden.posterior_log_variance_clipped),
    formula('posterior_mean_coef1', coefficients.clean, golden.posterior_mean_coef1),
    formula('posterior_mean_coef2', coefficients.noisy, golden.posterior_mean_coef2),
  ];
}

function checkBoundTerm(golden: GoldenCase, file: GoldenFile): Comparison[] {
  const chain = goldenChain(golden);
  const t = Number(golden.t);
  const x0 = vector(golden.x0);
  const x = diffused(x0, vector(golden.noise), chainLevel(chain, t));
  const level = chainLevel(chain, t);
  const eps = noiseFrom(x, level, goldenClean(golden.denoiser as GoldenDenoiser, file, x, level));
  const clean = cleanFrom('epsilon', x, level, eps);
  const variance = varianceOutput(x, t);
  const options = stepOptions(golden);
  const model = modelStep(chain, t, x, { x0: clean, variance }, options);
  return [
    formula('x_t', x, golden.x_t),
    formula('eps', eps, golden.eps),
    ...(golden.variance_output ? [formula('variance_output', variance, golden.variance_output)] : []),
    formula('pred_x0', options.clip ? clamped(clean) : clean, golden.pred_x0),
    formula('p_mean', model.mean, golden.p_mean),
    formula('p_log_variance', model.logVariance, golden.p_log_variance),
    formula(
      'vb_bits_per_dim',
      boundTerm(chain, t, x0, x, model),
      golden.vb_bits_per_dim,
      termTolerance(golden, x0, model),
    ),
  ];
}

function termTolerance(
  { t, vb_bits_per_dim }: GoldenCase,
  x0: Latent,
  { mean, logVariance }: DiagonalGaussian,
): number {
  const bits = Number(vb_bits_per_dim);
  if (t !== 0) return divergenceTolerance(bits, logVariance);
  const logScales = logVariance.map((log) => log / 2);
  return tanhTolerance(logLikelihoods(x0, mean, logScales, 'tanh'), bits);
}

function checkPrior(field: string, golden: GoldenCase, chain: DiffusionChain): Comparison {
  const tolerance = divergenceTolerance(Number(golden[field]), chain.variances.slice(-1).map(Math.log));
  return formula(field, priorTerm(chain, vector(golden.x0)), golden[field], tolerance);
}

async function checkWholeBound(golden: GoldenCase, file: GoldenFile): Promise<Comparison[]> {
  const chain = goldenChain(golden);
  const predict = async (x: Latent, t: number) => ({
    x0: goldenClean(golden.denoiser as GoldenDenoiser, file, Float64Array.from(x), chainLevel(chain, t)),
    variance: varianceOutput(x, t),
  });
  const noises = (golden['noises_from_t_T-1_down'] as number[][]).map(vector);
  const bound = await variationalBound(chain, vector(golden.x0), predict, noises, stepOptions(golden));
  return [
    formula('vb', bound.terms, golden['vb_from_t_T-1_down']),
    formula('xstart_mse', bound.x0Errors, golden['xstart_mse_from_t_T-1_down']),
    formula('eps_mse', bound.epsErrors, golden['eps_mse_from_t_T-1_down']),
    checkPrior('prior_bpd', golden, chain),
    formula('total_bpd', bound.total, golden.total_bpd),
  ];
}

function checkKl(golden: GoldenCase): Comparison[] {
  const [mean1, logvar1, mean2, logvar2] = ['mean1', 'logvar1', 'mean2', 'logvar2'].map((name) => vector(golden[name]));
  const kl = mean1.map((mean, i) => normalKl(mean, logvar1[i], mean2[i], logvar2[i]));
  return [formula('kl', kl, golden.kl)];
}

function checkLikelihood(golden: GoldenCase): Comparison[] {
  const [x, means, logScales] = [golden.x, golden.means, golden.log_scales].map(vector);
  const [tanh, exact] = (['tanh', 'exact'] as const).map((cdf) => logLikelihoods(x, means, logScales, cdf));
  const size = Math.max(...tanh.map(Math.abs));
  return [
    formula('log_prob_tanh_approx', tanh, golden.log_prob_tanh_approx, tanhTolerance(tanh, size)),
    formula('log_prob_exact_cdf_independent', exact, golden.log_prob_exact_cdf_independent),
  ];
}

/** d_edm_precond.json: EDM's preconditioning, the denoiser it makes of a network, and its loss. */
export const checkEdm: Checker = (golden) => {
  const [sigma, data] = [Number(golden.sigma), Number(golden.sigma_data)];
  switch (golden.fn) {
    case 'edm_scalings':
      return checkScalings(golden, sigma, data);
    case 'edm_wrap':
      return checkEdmWrap(golden, sigma, data);
    case 'edm_loss': {
      const [x0, noise, output] = [golden.x0, golden.noise, golden.F_output].map(vector);
      const loss = edmLoss(x0, diffused(x0, noise, varianceExploding(sigma)), sigma, data, output);
      return [formula('kd_loss_F_space_mean', loss, golden.kd_loss_F_space_mean)];
    }
    case 'edm_train_sigma': {
      const [mean, std] = [Number(golden.P_mean), Number(golden.P_std)];
      return [
        formula(
          'sigma',
          vector(golden.z).map((z) => edmTrainingSigma(z, mean, std)),
          golden.sigma,
        ),
      ];
    }
    default:
      throw new RangeError(`No formula "${golden.fn}" is known.`);
  }
};

function checkScalings(golden: GoldenCase, sigma: number, data: number): Comparison[] {
  const c = edmScalings(sigma, data);
  const lambda = edmWeight(sigma, data);
  return [
    formula('c_skip', c.skip, golden.c_skip),
    formula('c_out', c.out, golden.c_out),
    formula('c_in', c.in, golden.c_in),
    formula('c_noise', c.noise, golden.c_noise),
    formula('lambda', lambda, golden.lambda),
    formula('lambda_times_c_out_sq', lambda * c.out ** 2, golden.lambda_times_c_out_sq),
    formula('kd_weight_soft_min_snr', edmWeight(sigma, data, 'soft_min_snr'), golden.kd_weight_soft_min_snr),
    formula('kd_weight_snr', edmWeight(sigma, data, 'snr'), golden.kd_weight_snr),
  ];
}

async function checkEdmWrap(golden: GoldenCase, sigma: number, data: number): Promise<Comparison[]> {
  let input: Latent = new Float64Array();
  const network = async (given: Latent) => {
    input = given;
    return vector(golden.F_output);
  };
  const { x0 } = await fromNetwork(edm(data), network)(vector(golden.x), sigma);
  return [formula('F_input', input, golden.F_input), formula('denoised', x0, golden.denoised)];
}
