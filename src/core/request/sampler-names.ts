import type { SamplerId } from '../diffusion/samplers/index';
import type { StepScheduleId } from '../diffusion/step-schedules/index';
import type { GenerationRequest } from './request';

/** What a name of another program means here. */
export type NamedSampler = Pick<Partial<GenerationRequest>, 'schedule' | 'unipcVariant'> & { sampler: SamplerId };

/**
 * Names of k-diffusion, as ComfyUI, Fooocus, SwarmUI and Civitai have them; and of diffusers' schedulers, as InvokeAI
 * has them (with `_k` for Karras), where they differ.
 */
const SAMPLER_NAMES: Readonly<Record<string, NamedSampler>> = {
  euler: { sampler: 'euler' },
  euler_a: { sampler: 'euler_a' },
  euler_ancestral: { sampler: 'euler_a' },
  heun: { sampler: 'heun' },
  lms: { sampler: 'lms' },
  dpm_2: { sampler: 'dpm2' },
  kdpm_2: { sampler: 'dpm2' },
  dpm_2_ancestral: { sampler: 'dpm2_a' },
  kdpm_2_a: { sampler: 'dpm2_a' },
  dpm_fast: { sampler: 'dpm_fast' },
  dpm_adaptive: { sampler: 'dpm_adaptive' },
  dpmpp_2s_ancestral: { sampler: 'dpmpp_2s_a' },
  dpmpp_sde: { sampler: 'dpmpp_sde' },
  dpmpp_2m: { sampler: 'dpmpp_2m' },
  dpmpp_2m_sde: { sampler: 'dpmpp_2m_sde' },
  dpmpp_2m_sde_heun: { sampler: 'dpmpp_2m_sde_heun' },
  dpmpp_3m_sde: { sampler: 'dpmpp_3m_sde' },
  ddim: { sampler: 'ddim' },
  ddpm: { sampler: 'ddpm' },
  lcm: { sampler: 'lcm' },
  plms: { sampler: 'plms' },
  pndm: { sampler: 'plms' },
  unipc: { sampler: 'unipc' },
  uni_pc: { sampler: 'unipc', unipcVariant: 'bh1' },
  uni_pc_bh2: { sampler: 'unipc', unipcVariant: 'bh2' },
};

const SCHEDULE_NAMES: Readonly<Record<string, StepScheduleId>> = {
  normal: 'normal',
  karras: 'karras',
  exponential: 'exponential',
  polyexponential: 'polyexponential',
  sgm_uniform: 'sgm_uniform',
  simple: 'simple',
  ddim_uniform: 'ddim_uniform',
  beta: 'beta_timesteps',
  kl_optimal: 'kl_optimal',
};

const own = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;

/**
 * The sampler that another program calls so. A `_gpu` at the end says where the noise was drawn, a `k_` before it whose
 * samplers they are (NovelAI), a `_k` at the end which schedule (InvokeAI).
 */
export function samplerByOtherName(name: string): NamedSampler | undefined {
  const plain = name.toLowerCase().replace(/_gpu$/, '');
  const known = own(SAMPLER_NAMES, plain) ?? own(SAMPLER_NAMES, plain.replace(/^k_/, ''));
  if (known) return known;
  const karras = plain.endsWith('_k') ? own(SAMPLER_NAMES, plain.slice(0, -2)) : undefined;
  return karras && { ...karras, schedule: 'karras' };
}

/** The schedule that another program calls so. */
export const scheduleByOtherName = (name: string): StepScheduleId | undefined =>
  own(SCHEDULE_NAMES, name.toLowerCase());
