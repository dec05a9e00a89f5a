import { checkConversions } from './conversions';
import { DECLINED } from './declined';
import { type Checker, type GoldenCase, type GoldenFile, NotOffered, relativeError } from './golden';
import { checkGuidance } from './guidance';
import { checkDiffusionMaths, checkEdm } from './maths';
import { checkMixture } from './mixture';
import { checkNoiseSchedule, checkNormalNoise, type NoiseFile, noiseCases } from './noise';
import { checkPromptSchedule } from './prompts';
import { checkHelper, checkStepSchedule, checkTimestepSpacing } from './schedules';
import { checkSigmaList } from './sigma-lists';
import {
  checkDdim,
  checkDdpm,
  checkEulerDiscrete,
  checkGuidedTrajectory,
  checkLcm,
  checkPlms,
  checkSde,
  checkUnipc,
} from './timestep-samplers';

/** Which checker recomputes a file's cases, by the file's name. */
const CHECKERS: Readonly<Record<string, Checker>> = {
  a_noise_schedules: checkNoiseSchedule,
  a_normal_noise: checkNormalNoise,
  b_step_schedules: checkStepSchedule,
  b_timestep_spacing: checkTimestepSpacing,
  c_denoiser: checkMixture,
  c_diffusion_math: checkDiffusionMaths,
  c_helpers: checkHelper,
  c_sampler_ddim: checkDdim,
  c_sampler_ddpm: checkDdpm,
  c_sampler_dpm_2: checkSigmaList,
  c_sampler_dpm_2_ancestral: checkSigmaList,
  c_sampler_dpm_adaptive: checkSigmaList,
  c_sampler_dpm_fast: checkSigmaList,
  c_sampler_dpmpp_2m: checkSigmaList,
  c_sampler_dpmpp_2m_sde: checkSigmaList,
  c_sampler_dpmpp_2s_ancestral: checkSigmaList,
  c_sampler_dpmpp_3m_sde: checkSigmaList,
  c_sampler_dpmpp_sde: checkSigmaList,
  c_sampler_euler: checkSigmaList,
  c_sampler_euler_ancestral: checkSigmaList,
  c_sampler_euler_discrete: checkEulerDiscrete,
  c_sampler_heun: checkSigmaList,
  c_sampler_lcm: checkLcm,
  c_sampler_lms: checkSigmaList,
  c_sampler_plms: checkPlms,
  c_sampler_restart: checkSigmaList,
  c_sampler_sde_em: checkSde,
  c_sampler_unipc: checkUnipc,
  d_conversions: checkConversions,
  d_edm_precond: checkEdm,
  e_guidance: checkGuidance,
  e_guided_trajectories: checkGuidedTrajectory,
  f_prompt_schedules: checkPromptSchedule,
};

/** What became of one case, or of a file that nothing here reads. */
export type Outcome = { id: string; impl?: string } & (
  | { kind: 'passed'; error: number }
  | { kind: 'failed' | 'declined' | 'not-yet'; reason: string }
);

/**
 * Recomputes every case of a golden file and compares each of its numbers.
 * @param name the file's name, without its folder; it says which checker reads it.
 */
export async function* checkFile(name: string, file: GoldenFile | NoiseFile): AsyncGenerator<Outcome> {
  const stem = name.replace(/\.json$/, '');
  const check = CHECKERS[stem];
  if (!check) {
    yield { id: stem, kind: 'not-yet', reason: `No checker for files called ${name}.` };
    return;
  }
  const cases = 'cases' in file ? file.cases : noiseCases(file);
  const whole = 'cases' in file ? file : { title: stem, cases };
  for (const [i, golden] of cases.entries()) {
    const from = { id: golden.id ?? `${stem}/${i}`, impl: golden.impl as string | undefined };
    yield { ...from, ...(await outcomeOf(golden, whole, check)) };
  }
}

type Verdict = Omit<Extract<Outcome, { kind: 'passed' }>, 'id' | 'impl'> | Omit<Extract<Outcome, { reason: string }>, 'id' | 'impl'>; // biome-ignore format: one type

async function outcomeOf(golden: GoldenCase, file: GoldenFile, check: Checker): Promise<Verdict> {
  try {
    const checked = await check(golden, file);
    const measured = checked.map((one) => ({ ...one, error: relativeError(one) }));
    const wrong = measured.find(({ error, tolerance }) => !(error <= tolerance));
    if (checked.length === 0) return { kind: 'failed', reason: 'Nothing was compared.' };
    if (wrong) {
      const { field, error, tolerance } = wrong;
      return {
        kind: 'failed',
        reason: `${field} is off by ${error.toExponential(1)}, at most ${tolerance} is allowed`,
      };
    }
    if (DECLINED.has(golden.id))
      return { kind: 'failed', reason: 'It passes: take it off the list of what is declined.' };
    return { kind: 'passed', error: Math.max(...measured.map(({ error }) => error)) };
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    return { kind: thrown instanceof NotOffered && DECLINED.has(golden.id) ? 'declined' : 'failed', reason };
  }
}
