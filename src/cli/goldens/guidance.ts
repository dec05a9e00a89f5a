import { cleanFrom, noiseFrom, outputFor, type Prediction } from '../../core/diffusion/denoisers';
import {
  classifierGuided,
  classifierShifted,
  composed,
  deviations,
  guided,
  rescaled,
} from '../../core/diffusion/guidance';
import { variancePreserving } from '../../core/diffusion/noise-level';
import { chainLevel, posteriorMean, posteriorVariance } from '../../core/diffusion/theory/gaussian-diffusion';
import { classifierGradient, logResponsibilities, posteriorExpectation } from '../../core/diffusion/theory/mixture';
import { formula, goldenChain, goldenClean, mixtureOf, vector } from './formula';
import type { Checker, Comparison, GoldenCase, GoldenFile } from './golden';

/** e_guidance.json: guidance by a second prompt, by several, rescaled, and by a classifier. */
export const checkGuidance: Checker = (golden, file) => {
  switch (golden.fn) {
    case 'cfg':
      return checkCfg(golden, file);
    case 'rescale_noise_cfg':
      return checkRescale(golden);
    case 'a1111_combine_denoised':
      return checkComposition(golden);
    case 'classifier_guidance':
      return checkClassifier(golden, file);
    default:
      throw new RangeError(`No guidance "${golden.fn}" is known.`);
  }
};

function checkCfg(golden: GoldenCase, file: GoldenFile): Comparison[] {
  const level = variancePreserving(Number(golden.alphas_cumprod));
  const [x, scale] = [vector(golden.x), Number(golden.scale)];
  const mean = (name: unknown) => posteriorExpectation(x, level, mixtureOf(file, name));
  const [cond, uncond] = [mean(golden.cond), mean(golden.uncond)];
  const outputs = golden.outputs as Record<Prediction, Record<'cond' | 'uncond' | 'cfg', number[]>>;
  const of = (kind: Prediction): Comparison[] => {
    const both = [cond, uncond].map((x0) => outputFor(kind, x, level, x0));
    const output = guided(both[0], both[1], scale);
    return [
      formula(`${kind}.cond`, both[0], outputs[kind].cond),
      formula(`${kind}.uncond`, both[1], outputs[kind].uncond),
      formula(`${kind}.cfg`, output, outputs[kind].cfg),
      formula(`denoised from ${kind}`, cleanFrom(kind, x, level, output), golden.denoised),
    ];
  };
  return (Object.keys(outputs) as Prediction[]).flatMap(of);
}

function checkRescale(golden: GoldenCase): Comparison[] {
  const batch = (golden.shape as number[])[0];
  const [cond, uncond] = [vector(golden.cond), vector(golden.uncond)];
  const output = guided(cond, uncond, Number(golden.guidance_scale));
  return [
    formula('cfg', output, golden.cfg),
    formula('std_cond', deviations(cond, batch), golden.std_cond),
    formula('std_cfg', deviations(output, batch), golden.std_cfg),
    formula('out', rescaled(output, cond, Number(golden.guidance_rescale), batch), golden.out),
  ];
}

/** A1111 lists, for each picture of the batch, [index of the prompt, weight]. */
function checkComposition(golden: GoldenCase): Comparison[] {
  const [prompts, unconds, expected] = ['cond_denoised', 'uncond_denoised', 'denoised'].map(
    (field) => golden[field] as number[][],
  );
  return (golden.conds_list as [number, number][][]).map((weighted, picture) => {
    const predictions = weighted.map(([index, weight]) => ({ prediction: vector(prompts[index]), weight }));
    const denoised = composed(vector(unconds[picture]), predictions, Number(golden.cond_scale));
    return formula(`denoised[${picture}]`, denoised, expected[picture]);
  });
}

function checkClassifier(golden: GoldenCase, file: GoldenFile): Comparison[] {
  const chain = goldenChain(golden);
  const [t, k, scale] = [golden.t, golden.component, golden.scale].map(Number);
  const [x, level, mixture] = [vector(golden.x_t), chainLevel(chain, t), mixtureOf(file, golden.mixture)];
  const x0 = goldenClean({ kind: 'mixture', mixture: String(golden.mixture) }, file, x, level);
  const eps = noiseFrom(x, level, x0);
  const gradient = classifierGradient(x, k, level, mixture);
  const shifted = classifierGuided(eps, gradient, level.noise, scale);
  const clean = cleanFrom('epsilon', x, level, shifted);
  const mean = posteriorMean(chain, t, x0, x);
  const variance = posteriorVariance(chain, t);
  return [
    formula('alphas_cumprod', chain.alphasCumprod[t], golden.alphas_cumprod),
    formula('eps', eps, golden.eps),
    formula('log_p_component', logResponsibilities(x, level, mixture)[k], golden.log_p_component),
    formula('grad_log_p', gradient, golden.grad_log_p),
    formula('eps_guided', shifted, golden.eps_guided),
    formula('pred_x0_guided', clean, golden.pred_x0_guided),
    formula('posterior_mean_from_guided_x0', posteriorMean(chain, t, clean, x), golden.posterior_mean_from_guided_x0),
    formula('posterior_mean_unguided', mean, golden.posterior_mean_unguided),
    formula('posterior_variance', variance, golden.posterior_variance),
    formula('mean_shifted', classifierShifted(mean, gradient, variance, scale), golden.mean_shifted),
  ];
}
