import { betasFrom, logSnr, type NoiseScheduleConfig, trainedSigmas } from '../../core/diffusion/noise-schedules';
import { texts } from '../../texts/lab';
import type { Series } from './plotted';

/** Ways to look at one schedule. */
export const QUANTITIES = { beta: texts.beta, alphaBar: texts.alphaBar, logSnr: texts.logSnr } as const;
export type Quantity = keyof typeof QUANTITIES;

/** The schedules that papers name, each with the ends that its paper or program gives it. */
const NAMED: Readonly<Record<string, Pick<NoiseScheduleConfig, 'beta_schedule' | 'beta_start' | 'beta_end'>>> = {
  [texts.linear]: { beta_schedule: 'linear', beta_start: 1e-4, beta_end: 0.02 },
  [texts.scaledLinear]: { beta_schedule: 'scaled_linear', beta_start: 0.00085, beta_end: 0.012 },
  [texts.cosine]: { beta_schedule: 'squaredcos_cap_v2', beta_start: 1e-4, beta_end: 0.02 },
  [texts.sigmoid]: { beta_schedule: 'sigmoid', beta_start: 1e-4, beta_end: 0.02 },
};

/** The loaded model's curve, then those of the named schedules over as many timesteps. */
export function noiseCurves(model: NoiseScheduleConfig, quantity: Quantity, zeroTerminalSnr: boolean): Series[] {
  const named = Object.entries(NAMED).map(([name, betas]) => ({
    name,
    config: { ...betas, num_train_timesteps: model.num_train_timesteps, rescale_betas_zero_snr: zeroTerminalSnr },
  }));
  return [{ name: texts.thisModel, config: model }, ...named].map(({ name, config }) => ({
    name,
    points: Array.from(valuesOf(config, quantity), (value, t) => [t, value] as const),
  }));
}

function valuesOf(config: NoiseScheduleConfig, quantity: Quantity): Float64Array {
  const { alphasCumprod } = trainedSigmas(config);
  switch (quantity) {
    case 'beta':
      return betasFrom(alphasCumprod);
    case 'alphaBar':
      return alphasCumprod;
    case 'logSnr':
      return logSnr(alphasCumprod);
    default:
      quantity satisfies never;
      throw new RangeError(`Unknown quantity "${String(quantity)}".`);
  }
}
