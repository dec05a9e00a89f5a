import { type Checker, type GoldenFile, relativeError } from './golden';
import { checkSigmaList } from './sigma-lists';
import {
  checkDdim,
  checkDdpm,
  checkEulerDiscrete,
  checkLcm,
  checkPlms,
  checkSde,
  checkUnipc,
} from './timestep-samplers';

/** Which checker recomputes a file's cases, by the file's name. */
const CHECKERS: Readonly<Record<string, Checker>> = {
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
};

/** What became of one case. */
export type Outcome = { id: string; impl?: string } & (
  | { kind: 'passed'; error: number }
  | { kind: 'failed'; reason: string }
  | { kind: 'declined'; reason: string }
);

/** A reason to decline is good only where the golden says that its option may be left out. */
function declinedOutcome(optional: boolean, reason: string) {
  return optional ? { kind: 'declined' as const, reason } : { kind: 'failed' as const, reason: `declined: ${reason}` };
}

/**
 * Recomputes every case of a golden file and compares each of its numbers.
 * @param name the file's name, without its folder; it says which checker reads it.
 */
export async function* checkFile(name: string, file: GoldenFile): AsyncGenerator<Outcome> {
  const stem = name.replace(/\.json$/, '');
  const check = CHECKERS[stem];
  if (!check) {
    yield { id: stem, kind: 'failed', reason: `No checker for files called ${name}.` };
    return;
  }
  for (const golden of file.cases) {
    const from = { id: golden.id, impl: golden.impl as string | undefined };
    try {
      const checked = await check(golden, file);
      if (!Array.isArray(checked)) {
        yield { ...from, ...declinedOutcome(golden.optional === true, checked.declined) };
        continue;
      }
      const measured = checked.map((one) => ({ ...one, error: relativeError(one) }));
      const wrong = measured.find(({ error, tolerance }) => !(error <= tolerance));
      if (checked.length === 0) yield { ...from, kind: 'failed', reason: 'Nothing was compared.' };
      else if (wrong) {
        yield { ...from, kind: 'failed', reason: `${wrong.field} is off by ${wrong.error.toExponential(1)}, at most ${wrong.tolerance} is allowed` }; // biome-ignore format: one sentence
      } else yield { ...from, kind: 'passed', error: Math.max(...measured.map(({ error }) => error)) };
    } catch (error) {
      yield { ...from, kind: 'failed', reason: error instanceof Error ? error.message : String(error) };
    }
  }
}
